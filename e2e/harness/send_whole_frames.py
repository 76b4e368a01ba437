"""Turns off checksum and segmentation offload: send_whole_frames.py DEVICE. Like `ethtool -K DEVICE tx off tso off gso off gro off`."""

import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
TX_CHECKSUM, TCP_SEGMENTS, SEGMENTS, RECEIVED_SEGMENTS = 0x17, 0x1F, 0x24, 0x2C

control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for setting in (TX_CHECKSUM, TCP_SEGMENTS, SEGMENTS, RECEIVED_SEGMENTS):
    value = array.array("B", struct.pack("II", setting, 0))
    request = struct.pack("16sP", sys.argv[1].encode(), value.buffer_info()[0])
    try:
        fcntl.ioctl(control, SIOCETHTOOL, request + bytes(16))
    except OSError as error:
        print(f"{sys.argv[1]}: setting {setting:#x}: {error}", file=sys.stderr)
