"""Run a command, and tell the CPU and wall-clock seconds and the peak memory that it took.

This is a small program of its own because a new process starts with the peak memory of the one it
was made from. It gets a file descriptor to tell on, and the command; it ends as the command does.
"""

import os
import sys
import time


def main() -> int:
    """Tell one line of three numbers, the last as `ru_maxrss` has it; gives the exit code."""
    tell, *command = sys.argv[1:]
    os.set_inheritable(int(tell), False)
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    told = f"{usage.ru_utime + usage.ru_stime} {wall} {usage.ru_maxrss}"
    os.write(int(tell), told.encode())
    return abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    sys.exit(main())
