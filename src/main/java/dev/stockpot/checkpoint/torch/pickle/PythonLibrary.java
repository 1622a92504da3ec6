package dev.stockpot.checkpoint.torch.pickle;

import java.util.Set;

/** The modules of Python's own library, of Python 2 too; all others whose names begin with an underscore count as its own. */
final class PythonLibrary {
    private static final Set<String> MODULES = Set.of("""
            abc aifc annotationlib antigravity anydbm argparse array ast asynchat asyncio asyncore atexit
            audioop base64 BaseHTTPServer bdb binascii binhex bisect builtins bz2 calendar cgi cgitb chunk cmath
            cmd code codecs codeop collections colorsys commands compileall compression concurrent configparser
            ConfigParser contextlib contextvars copy copy_reg copyreg cPickle cProfile crypt cStringIO csv
            ctypes curses dataclasses datetime dbm decimal difflib dircache dis distutils doctest dumbdbm
            dummy_threading email encodings ensurepip enum errno exceptions faulthandler fcntl filecmp fileinput
            fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp
            gzip hashlib heapq hmac html http httplib idlelib imaplib imghdr imp importlib inspect io ipaddress
            itertools json keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap marshal math
            mimetools mimetypes mmap modulefinder msilib msvcrt multifile multiprocessing netrc new nis nntplib
            nt ntpath nturl2path numbers opcode operator optparse os os2 ossaudiodev parser pathlib pdb pickle
            pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile posixpath pprint profile
            pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue Queue quopri random re readline
            reprlib resource rfc822 rlcompleter runpy sched secrets select selectors sets shelve shlex shutil
            signal SimpleHTTPServer site smtpd smtplib sndhdr socket SocketServer socketserver spwd sqlite3
            sre_compile sre_constants sre_parse ssl stat statistics string StringIO stringprep struct subprocess
            sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this
            thread threading time timeit Tkinter tkinter token tokenize tomllib trace traceback tracemalloc tty
            turtle turtledemo types typing unicodedata unittest urllib urllib2 uu uuid venv warnings wave
            weakref webbrowser whichdb winreg winsound wsgiref xdrlib xml xmlrpc xmlrpclib zipapp zipfile
            zipimport zlib zoneinfo""".split("\\s+"));

    private PythonLibrary() {}

    /** Whether the module of that dotted name belongs to it. */
    static boolean has(String module) {
        int dot = module.indexOf('.');
        String top = dot < 0 ? module : module.substring(0, dot);
        boolean own = top.startsWith("_") && !top.equals("__main__");
        return own || MODULES.contains(top);
    }
}
