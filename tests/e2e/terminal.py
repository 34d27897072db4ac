"""Runs a command on a terminal of its own: terminal.py COLUMNS ROWS COMMAND ...

Takes lines of JSON: {"keys": "\\u0003"}, {"size": [columns, rows]}, {"signal": 15}. Gives what the terminal shows on standard output, and
at the end {"exit": N} or {"signal": N} on standard error.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(line, pid, fd):
    order = json.loads(line)
    if "keys" in order:
        os.write(fd, order["keys"].encode())
    if "size" in order:
        set_size(fd, *order["size"])
    if "signal" in order:
        os.kill(pid, order["signal"])


def main():
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    pid, fd = pty.fork()
    if pid == 0:
        set_size(0, columns, rows)
        os.execvp(command[0], command)
    orders, waiting = b"", [fd, 0]
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if fd in ready:
            try:
                shown = os.read(fd, 65536)
            except OSError:  # nobody has the terminal open any more
                break
            if not shown:
                break
            os.write(1, shown)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                waiting.remove(0)
            orders += more
            *lines, orders = orders.split(b"\n")
            for line in lines:
                obey(line, pid, fd)
    _, status = os.waitpid(pid, 0)
    ended = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}
    print(json.dumps(ended), file=sys.stderr)


main()
