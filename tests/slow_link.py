"""Two network namespaces of this machine and a link between them that is slow and short.

Linux can do that by itself (netem), but not every kernel has it. Here each namespace has a TUN
device, and a process for each direction carries the packets from one to the other: no faster than
the rate, and after the delay. Needs root.
"""

import fcntl
import os
import select
import struct
import subprocess
import time
from collections import deque
from multiprocessing import get_context

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
LARGEST_PACKET = 65535
BUFFER = 1000  # packets that wait for the link; what comes then is lost, as in a router
NAMESPACES = ("dimapg_a", "dimapg_b")
ADDRESSES = ("10.77.0.1", "10.77.0.2")


class SlowLink:
    """A link between two namespaces, there while the context is.

    Args:
      delay: seconds each way; rate: bits a second each way.

    Attributes:
      carried: bytes in each direction so far, headers included.
    """

    def __init__(self, delay: float, rate: float):
        self._delay, self._rate = delay, rate
        self._fork = get_context("fork")
        self.carried = [self._fork.Value("Q") for _ in NAMESPACES]
        self._relays = []

    def __enter__(self) -> "SlowLink":
        devices = [self._end(*pair) for pair in zip(NAMESPACES, ADDRESSES)]
        for number, count in enumerate(self.carried):
            path = (devices[number], devices[1 - number])
            arguments = (*path, self._delay, self._rate, count)
            relay = self._fork.Process(target=carry, args=arguments, daemon=True)
            relay.start()
            self._relays.append(relay)
        for device in devices:
            os.close(device)
        return self

    def __exit__(self, *_) -> None:
        for relay in self._relays:
            relay.kill()
        for name in NAMESPACES:
            ip("netns", "del", name)

    def within(self, host: int) -> tuple[str, ...]:
        """What a command line begins with that runs on that host, 0 or 1."""
        return ("ip", "netns", "exec", NAMESPACES[host])

    def bytes_carried(self) -> int:
        """In both directions so far."""
        return sum(count.value for count in self.carried)

    def _end(self, namespace: str, address: str) -> int:
        """A new namespace with one end of the link; the device, open to read and write."""
        name = namespace.replace("_", "")
        device = os.open("/dev/net/tun", os.O_RDWR)
        request = struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI)
        fcntl.ioctl(device, TUNSETIFF, request)
        ip("netns", "add", namespace)
        ip("link", "set", name, "netns", namespace)
        for command in (
            ("addr", "add", f"{address}/24", "dev", name),
            ("link", "set", name, "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-n", namespace, *command)
        return device


def ip(*command: str) -> None:
    """Run ip(8); raises CalledProcessError."""
    subprocess.run(["ip", *command], check=True)


def carry(source: int, sink: int, delay: float, rate: float, carried) -> None:
    """Carry packets for ever: each leaves when those before it have, and is there a delay later."""
    underway: deque[tuple[float, bytes]] = deque()
    free = 0.0  # when the link will have sent all that it has taken on
    while True:
        wait = max(underway[0][0] - time.monotonic(), 0.0) if underway else None
        ready, _, _ = select.select([source], [], [], wait)
        now = time.monotonic()
        if ready:
            packet = os.read(source, LARGEST_PACKET)
            if len(underway) < BUFFER:
                free = max(free, now) + 8 * len(packet) / rate
                underway.append((free + delay, packet))
        while underway and underway[0][0] <= now:
            packet = underway.popleft()[1]
            os.write(sink, packet)
            carried.value += len(packet)
