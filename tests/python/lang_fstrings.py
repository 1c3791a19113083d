x = 5; s = 'text'; w = 8
print(f'{x}', f'a{x}b{s}c', f'', f'{{}}', f'{x!r}{s!r}{s!s}{s!a}')
print(f'{x:>{w}}|{s:*^{w}}|{3.14159:.{2}f}|{x:#x}|{x:{"0"}{w}}')
print(f'{x=}', f'{x = }', f'{x + 1=:>5}', f'{s=!s}', f'{s=}')
print(f"{'nested' + f'{x}'}", f'{[i for i in range(3)]}', f'{(lambda: 1)()}', f'{ {"a": 1}["a"] }')
print('con' f'cat{x}' 'ed' f'{s}', f'{x}' 'tail')
print(rf'\n{x}', f'\n{x}\t|', f'''multi
{x}
line''')
class F:
    def __format__(self, spec): return 'F<%s>' % spec
    def __str__(self): return 'str'
    def __repr__(self): return 'repr'
print(f'{F()}', f'{F():abc}', f'{F()!r}', f'{F()!s:>5}', f'{F()!r:{w}}')
def order():
    def t(v): print('t', v); return v
    return f'{t(1)}-{t(2):{t(3)}}-{t(4)!r}'
print(order())
print(f'{x!r:>{w}}', f'{None}', f'{True:d}', f"{'a' if x else 'b'}", f'{x:,}', f'{10**6:_}')
def loc(a, b): return f'{a}{b}' + f'{a + b}' f'{a!r:>{b}}'
print(loc(1, 3))
try: print(f'{x:z}')
except ValueError as e: print(e)
print(f'{"é"}', f'{x}é{s}', f"{'{'}", f'{x:}')
print(''.join(f'{i}' for i in range(70)))
print(f'{0}{1}{2}{3}{4}{5}{6}{7}{8}{9}{10}{11}{12}{13}{14}{15}{16}{17}{18}{19}{20}{21}{22}{23}{24}{25}{26}{27}{28}{29}{30}{31}{32}{33}{34}{35}{36}{37}{38}{39}{40}{41}{42}{43}{44}{45}{46}{47}{48}{49}{50}{51}{52}{53}{54}{55}{56}{57}{58}{59}{60}{61}{62}{63}{64}{65}{66}{67}')
print('\N{BULLET}', f'{1}\N{LATIN SMALL LETTER E WITH ACUTE}', '\N{bullet}' == '\u2022')
