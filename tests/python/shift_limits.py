# Shifts whose result cannot exist: too many digits for an int, or only too many for the memory.
for e in ('1<<(1<<62)','1<<(1<<64)','1<<(30<<61)-1','1<<(30<<61)','1<<(30<<60)-1','1<<(30<<60)','1<<(1<<70)','-1<<(1<<200)','(1<<100)<<(1<<61)','0<<(1<<90)'):
    try: print(e, eval(e))
    except Exception as x: print(e, type(x).__name__, x)
