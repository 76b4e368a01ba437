"""Relays frames between a host's port and the switch, and delays those that the host sends.

usage: delay_relay.py HOST_PORT SWITCH_PORT DELAY_MS

Frames in the other direction pass at once. For kernels without netem.
"""

import collections
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_IGNORE_OUTGOING, PACKET_MR_PROMISC = 263, 1, 23, 1
LONGEST_FRAME = 1 << 17


def open_port(name: str) -> socket.socket:
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.bind((name, 0))
    membership = struct.pack("iHH8s", socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b"")
    port.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    port.setblocking(False)
    return port


def frames_of(port: socket.socket):
    for _ in range(256):
        try:
            yield port.recv(LONGEST_FRAME)
        except BlockingIOError:
            return


def pass_on(port: socket.socket, frame: bytes) -> None:
    try:
        port.send(frame)
    except OSError:
        pass  # a port that is down or full loses frames, like a real one


def main() -> None:
    host_port, switch_port = open_port(sys.argv[1]), open_port(sys.argv[2])
    delay = float(sys.argv[3]) / 1000
    held: collections.deque = collections.deque()
    print("ready", flush=True)
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        readable, _, _ = select.select([host_port, switch_port], [], [], wait)
        if host_port in readable:
            due = time.monotonic() + delay
            held.extend((due, frame) for frame in frames_of(host_port))
        if switch_port in readable:
            for frame in frames_of(switch_port):
                pass_on(host_port, frame)
        while held and held[0][0] <= time.monotonic():
            pass_on(switch_port, held.popleft()[1])


main()
