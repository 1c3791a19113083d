# sys.executable is the path by which the interpreter was called; a virtual environment is found beside it.
import os
import subprocess
import sys
import tempfile

d = os.path.realpath(tempfile.mkdtemp())
real = os.path.realpath(sys.executable)
bin_dir = os.path.join(d, 'bin')
os.makedirs(bin_dir)
os.makedirs(os.path.join(d, 'lib', 'python3.11', 'site-packages'))
os.symlink(real, os.path.join(bin_dir, 'python'))
os.symlink('python', os.path.join(bin_dir, 'python3'))
with open(os.path.join(d, 'lib', 'python3.11', 'site-packages', 'only_here.py'), 'w') as f:
    f.write('x = 1\n')
show = ('import sys, os; print(sys.executable, sys.prefix == os.path.dirname(os.path.dirname(sys.executable)), sys.base_prefix == sys.prefix, '
        'os.path.realpath(sys._base_executable) == %r)' % real)


def run(*args, **kw):
    out = subprocess.run(args, capture_output=True, text=True, **kw)
    print(out.stdout.replace(d, 'ENV').strip(), out.stderr[-200:])

python = os.path.join(bin_dir, 'python')
run(python, '-c', 'import sys; print(sys.executable)')
with open(os.path.join(d, 'pyvenv.cfg'), 'w') as f:
    f.write(f'home = {os.path.dirname(real)}\ninclude-system-site-packages = false\nversion = 3.11.2\nexecutable = {real}\n')
run(python, '-c', show)
run(os.path.join(bin_dir, 'python3'), '-c', show)
run('./bin/python', '-c', show, cwd=d)
run('bin/python3', '-c', show, cwd=d)
run('python3', '-c', show, env={'PATH': '/nonexistent:' + bin_dir + ':/bin'})
run(python, '-c', 'import only_here, sysconfig; print(only_here.x, sysconfig.get_default_scheme())')
