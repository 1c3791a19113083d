# The module _csv: dialects, the reader's states, the writer's quotes.
import csv
import io


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except (csv.Error, TypeError, ValueError) as e:
        print(type(e).__name__, e)


def read(lines, **kw):
    tell(lambda: list(csv.reader(lines, **kw)))


def write(*rows, **kw):
    out = io.StringIO()
    tell(lambda: csv.writer(out, **kw).writerows(rows))
    print(repr(out.getvalue()))


read(['a,b\n', '', 'c,"d\n', 'e"\n', '"x""y",z'])
read(['a\rb'])
read(['"a"b'], strict=True)
read(['"a"b'])
read(['"a'], strict=True)
read(['"a'])
read(['1,"2",3.5', '"",x'], quoting=csv.QUOTE_NONNUMERIC)
read(['a\\\n', 'b'], escapechar='\\')
read(['a, b'], skipinitialspace=True)
read(['a\u4e2db\U0001f600c'], delimiter='\u4e2d')
read([b'a'])
for kw in ({}, {'quoting': 1}, {'quoting': 2}, {'quoting': 3}, {'quoting': 3, 'escapechar': '\\'}, {'doublequote': False}, {'doublequote': False, 'escapechar': '!'}):
    write([1, 2.5, 'a', None], ['a,b', 'c"d', 'e\nf'], [''], [], ['!', '\\'], **kw)
write(5)
tell(csv.reader, [], delimiter='xy')
tell(csv.reader, [], quotechar=None, quoting=csv.QUOTE_ALL)
tell(csv.get_dialect, 'none such')
csv.register_dialect('semi', delimiter=';', lineterminator='|')
write(['a;b', 'c|d', 'e,f'], dialect='semi')
tell(csv.field_size_limit, 3)
read(['abc', 'abcd'])
csv.field_size_limit(131072)
