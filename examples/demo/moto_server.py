"""The embedded S3: moto in a process of its own. Prints its port, and ends when its standard input does.

So it ends with the demo however that ends, and neither needs a fixed port nor a process to look for afterwards.
"""

from __future__ import annotations

import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
