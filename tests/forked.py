"""Kernels that start at once: each is a child of one process that has imported the large packages.

    python -P forked.py serve SOCKET          imports, then forks a kernel for everyone who asks
    python -P forked.py kernel SOCKET FILE    asks for one; what JupyterLab starts as a kernel

Importing torch, numba and matplotlib costs more than most cells of a lesson. A forked kernel has
its own memory, environment and working folder, as any kernel has. Only for Linux: macOS's own
libraries do not survive a fork, and Windows has none.
"""

import json
import os
import signal
import socket
import sys
import threading

IMPORTS = (
    "torch numba scipy.fft scipy.interpolate matplotlib.pyplot anywidget ipykernel.kernelapp "
    "lic_teach.learned lic_teach.jpeg lic_teach.kit.measured lic_teach.kit.predict"
)


def specification(address: str) -> dict:
    """The kernel.json of a kernel that the process at this address forks."""
    command = [sys.executable, "-P", __file__, "kernel", address, "{connection_file}"]
    return {"argv": command, "display_name": "Python 3", "language": "python"}


def serve(address: str) -> None:
    """Fork a kernel for every connection, until a signal ends this process."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as kernels
    os.environ.pop("JPY_PARENT_PID", None)  # the parent of a kernel is this process
    for name in IMPORTS.split():
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                become_kernel(connection)
            connection.close()


def become_kernel(connection: socket.socket) -> None:
    """Take over environment and folder of who asked, and live no longer than they do."""
    from ipykernel.kernelapp import launch_new_instance
    from ipywidgets import register_comm_target

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    wish = json.loads(connection.makefile().readline())
    os.environ.clear()
    os.environ.update(wish["environment"])
    os.chdir(wish["folder"])
    connection.sendall(f"{os.getpid()}\n".encode())

    def leave_with_them():
        connection.recv(1)  # nothing ever comes: it returns when the other end is closed
        os._exit(1)

    threading.Thread(target=leave_with_them, daemon=True).start()
    register_comm_target()  # as its import does in a kernel: here it was imported in none
    sys.argv = ["ipykernel", "-f", wish["file"]]
    launch_new_instance()
    os._exit(0)


def ask(address: str, file: str) -> None:
    """Have a kernel forked for this connection file, and stay as long as it does."""
    wish = {"environment": dict(os.environ), "folder": os.getcwd(), "file": file}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(json.dumps(wish).encode() + b"\n")
        kernel = int(connection.recv(20))
        signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
        connection.recv(1)


if __name__ == "__main__":
    {"serve": serve, "kernel": ask}[sys.argv[1]](*sys.argv[2:])
