# Runs on a lab host: connects like a port scanner to every TCP port that starts to listen, sends bytes
# on every other connection, and keeps all of them open. Prints each, and ends when its input ends.
import os, select, socket, struct, sys


def listeners():
    found = set()
    with open('/proc/net/tcp') as table:
        for line in table.read().split('\n')[1:]:
            fields = line.split()
            if len(fields) > 3 and fields[3] == '0A':
                address, port = fields[1].split(':')
                found.add((socket.inet_ntoa(struct.pack('<I', int(address, 16))), int(port, 16)))
    return found


# A rank listens only until its neighbour has come: on a busy machine a scanner of normal priority looks too late.
os.setpriority(os.PRIO_PROCESS, 0, -15)
known = listeners()
held = []
print('watching', flush=True)
while not select.select([sys.stdin], [], [], 0.004)[0]:
    for address, port in listeners() - known:
        known.add((address, port))
        try:
            held.append(socket.create_connection(('127.0.0.1' if address == '0.0.0.0' else address, port), 0.2))
            if len(held) % 2 == 0:
                held[-1].sendall(b'GET / HTTP/1.1\r\n\r\n' * 10)
            print('connected', address, port, flush=True)
        except OSError as error:
            print('missed', address, port, error, flush=True)
