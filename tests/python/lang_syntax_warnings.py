import warnings
cases = ['x is 1', 'x is not "a"', '1 is x', 'x is ()', 'x is None', '(1)(2)', '"a"(1)', '[1](2)', '[1, 2]["a"]', '"abc"["x"]', '(1, 2)[1.0]', '{1}[0]',
         'assert (x, "msg")', 'assert ()', '(lambda: 1)[0]', 'f"a"(1)', '[x for x in y](1)', '1[0]', 'None(1)', 'x is f"a"', '[1][None]', '[1][True]', 'x == 1 is 2']
for src in cases:
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter('always')
        compile(src, '<w>', 'exec')
    print(src, [(x.category.__name__, str(x.message), x.lineno) for x in w])
with warnings.catch_warnings():
    warnings.simplefilter('error')
    try: compile('\nx is 1', '<w>', 'exec')
    except SyntaxError as e: print(e.msg, e.lineno, e.offset)
