"""What a lesson's kernel does where its port is taken."""

import socket

import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel

from tests import kernels

PORTS = "jupyter_client.provisioning.local_provisioner.LocalPortCache.find_available_port"


@pytest.mark.parametrize("taken", [5, 1000])
def test_a_kernel_whose_port_is_taken_starts_on_another(monkeypatch, taken):
    """The ports of one kernel are five."""
    asked = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def find(_, ip):
            asked.append(ip)
            return other.getsockname()[1] if len(asked) <= taken else free_port()

        monkeypatch.setattr(PORTS, find)
        if taken > 5 * kernels.TIMES:
            with pytest.raises(RuntimeError, match="died before"):
                RunningKernel(CURRENT_ENV_KERNEL_NAME)
            assert len(asked) == 5 * kernels.TIMES
        else:
            running = RunningKernel(CURRENT_ENV_KERNEL_NAME)
            assert running.is_alive() and len(asked) > taken
            running.stop()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
