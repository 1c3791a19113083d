# The module cmath: values, special values and errors.
import cmath
from math import inf, nan

names = 'acos acosh asin asinh atan atanh cos cosh exp log log10 sin sinh sqrt tan tanh'.split()


def show(f, *args):
    try:
        z = f(*args)
    except (ValueError, OverflowError, TypeError) as e:
        return type(e).__name__ + ' ' + str(e)
    return '%.10g %.10g' % (z.real, z.imag) if isinstance(z, complex) else repr(z)


for z in (0.5 + 0.25j, -3, 2j, 0, 1, 1j, complex(inf, 0), complex(0, inf), complex(0, nan), complex(nan, 0), 1000, '1'):
    for name in names:
        print(name, z, show(getattr(cmath, name), z).replace('-nan', 'nan').replace('-0 ', '0 ').replace(' -0', ' 0'))
print(show(cmath.log, 8, 2), show(cmath.log, 8, 1), cmath.phase(-1), cmath.polar(3 + 4j), cmath.rect(2, 0), cmath.rect(inf, 1), show(cmath.rect, 1, inf))
print(cmath.isclose(1, 1 + 1e-12j), cmath.isfinite(complex(1, inf)), cmath.isinf(complex(1, inf)), cmath.isnan(complex(1, nan)), show(cmath.polar, complex(1e308, 1.7e308)))
