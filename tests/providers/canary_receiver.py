#!/usr/bin/python3
"""What the test of canaries needs on the other side: a webhook and a GitLab that keep what they are sent, and a proxy in
front of the simulated cloud that repeats the token in an error once `broken` exists.

canary_receiver.py SIMULATOR_URL FOLDER

Prints "PORT n", then serves until its input ends. Each message becomes a file of FOLDER.
"""
import http.client
import http.server
import os
import sys
import threading
import urllib.parse

cloud = urllib.parse.urlsplit(sys.argv[1])
folder = sys.argv[2]
lock = threading.Lock()
count = 0


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def reply(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def keep(self, body):
        global count
        with lock:
            count += 1
            kind = "note" if "/notes" in self.path else "webhook"
            with open(os.path.join(folder, f"{kind}-{count}.json"), "wb") as file:
                file.write(body)
        self.reply(201, b"{}")

    def pass_on(self, body):
        token = self.headers.get("Authorization", "")
        if self.command == "POST" and self.path.endswith("/volumes") and os.path.exists("broken"):
            text = '{"error":{"code":"forbidden","message":"no volumes for ' + token + '","details":null}}'
            return self.reply(403, text.encode())
        link = http.client.HTTPConnection(cloud.hostname, cloud.port, timeout=60)
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        link.request(self.command, self.path, body, kept)
        answer = link.getresponse()
        self.reply(answer.status, answer.read(), answer.getheader("Content-Type", "application/json"))
        link.close()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/v1/"):
            self.pass_on(body)
        elif self.command == "GET":
            self.reply(200, b"[]")
        else:
            self.keep(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print("PORT", server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
