# pyexpat: all events, namespaces, errors, exceptions in handlers, buffered text, entities, threads; xml.etree on top.
import io
import threading
import xml.etree.ElementTree as ET
import pyexpat


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except Exception as e:
        print(type(e).__name__, e, getattr(e, 'code', None))


DOC = b'''<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<!DOCTYPE q SYSTEM "foo" [
<!ELEMENT root (a,b*,(c,d)?)>
<!ELEMENT r2 (#PCDATA|x)*>
<!ATTLIST root attr1 CDATA #REQUIRED attr2 CDATA #IMPLIED def (x|y) "x">
<!NOTATION notation SYSTEM "notation.jpeg">
<!ENTITY acirc "&#226;">
<!ENTITY external_entity SYSTEM "entity.file">
<!ENTITY unp SYSTEM "u" NDATA notation>
%unparsed_entity;
]>
<root attr1="v1" attr2="v2&#8000;"><?pi data?><!-- c -->
<sub1 xmlns:x="urn:x" x:y="1"/>
<![CDATA[cd\xe4]]>&external_entity;&skipped_entity;\xb5
</root>
'''
p = pyexpat.ParserCreate()
for name in [x for x in dir(p) if x.endswith('Handler') and not x.startswith('Default')]:
    setattr(p, name, lambda *args, name=name: print(name, args) or 1)
tell(p.Parse, DOC, True)

p = pyexpat.ParserCreate(namespace_separator='!')
p.StartElementHandler = p.EndElementHandler = p.StartNamespaceDeclHandler = p.EndNamespaceDeclHandler = lambda *args: print(args)
p.namespace_prefixes = p.ordered_attributes = True
tell(p.Parse, '<a:b xmlns:a="u" a:c="1" d="2"><c xmlns="v"/></a:b>', True)

for text in ('<a><b></a>', '<a', '', '<a>&nope;</a>', '<a b="1" b="2"/>'):
    p = pyexpat.ParserCreate()
    tell(p.Parse, text, True)
p = pyexpat.ParserCreate()
p.StartElementHandler = lambda *args: 1 / 0
tell(p.Parse, '<a/>', True)

p = pyexpat.ParserCreate()
p.buffer_text = True
p.buffer_size = 5
p.CharacterDataHandler = lambda s: print(repr(s), p.CurrentLineNumber, p.buffer_used)
p.StartElementHandler = lambda name, attrs: print(name, p.GetInputContext()[:6])
tell(p.Parse, '<a>ab\ncd&amp;x<b/>y</a>')

outer = pyexpat.ParserCreate()


def entity(context, base, system, public):
    inner = outer.ExternalEntityParserCreate(context)
    inner.CharacterDataHandler = lambda s: print('inner', s)
    return inner.Parse('text of <b>' + system + '</b>', True)


outer.ExternalEntityRefHandler = entity
outer.CharacterDataHandler = print
tell(outer.Parse, '<!DOCTYPE a [<!ENTITY e SYSTEM "file">]><a>x&e;y</a>', True)
del outer

p = pyexpat.ParserCreate()


def swap(name, attrs):
    p.StartElementHandler = lambda name, attrs: print('second', name)
    p.EndElementHandler = lambda name: print('end', name)
    print('first', name)


p.StartElementHandler = swap
tell(p.ParseFile, io.BytesIO(b'<a><b/><c/></a>'))
p = pyexpat.ParserCreate()
p.CharacterDataHandler = print
tell(p.Parse, '<?xml version="1.0" encoding="koi8-r"?><a>\u0430</a>'.encode('koi8-r'), True)
p = pyexpat.ParserCreate()
tell(p.Parse, b'<?xml version="1.0" encoding="nosuch"?><a>a</a>', True)

root = ET.Element('top')
for i in range(200):
    ET.SubElement(root, 'item', id=str(i)).text = 'text %d' % i
data = ET.tostring(root)
counts = []


def work():
    for _ in range(5):
        tree = ET.fromstring(data)
        counts.append(sum(int(e.get('id')) for e in tree.iter('item')))


threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(counts), set(counts))
