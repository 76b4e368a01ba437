# Runs on a lab host: sniff_tokens.py '[TOKEN_ID, ...]'. Prints a line once it listens and, when its input ends, how many TCP
# packets passed eth0 and how many of them contained the ids as unencrypted int32, as MLX's ring sends them.
import json, select, socket, struct, sys

needle = b''.join(struct.pack('<i', token_id) for token_id in json.loads(sys.argv[1]))
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
sniffer.bind(('eth0', 0))
sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
print('listening', flush=True)
packets = hits = 0
while True:
    readable, _, _ = select.select([sniffer, sys.stdin], [], [])
    if sniffer in readable:
        packet = sniffer.recv(70000)
        if packet[12:14] == b'\x08\x00' and packet[23] == 6:
            packets += 1
            hits += needle in packet
    elif sys.stdin in readable:
        break
print(json.dumps({'packets': packets, 'hits': hits}))
