# /// script
# requires-python = ">=3.10"
# ///
"""A Hub on this machine for measurements: serves folders by ranges and counts what it sends.

    python bench/hub.py DIR COMMAND...

Every folder DIR/NAME is the repository `local/NAME`. COMMAND runs with HF_ENDPOINT pointing here and
a cache of its own; then the requests and the bytes of the bodies that were sent are printed.
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

COMMIT = "0" * 40
SENT = {"requests": 0, "bytes": 0}
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: pathlib.Path

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body: bool):
        steps = urllib.parse.unquote(urllib.parse.urlparse(self.path).path).strip("/").split("/")
        if steps[:2] == ["api", "models"]:
            files = sorted(p for p in (self.root / steps[3]).iterdir() if p.is_file())
            siblings = [
                {"rfilename": p.name, "size": p.stat().st_size, "blobId": COMMIT} for p in files
            ]
            text = json.dumps({"sha": COMMIT, "siblings": siblings}).encode()
            return self.send(200, text, {"content-type": "application/json"}, body)
        if len(steps) < 5 or not (self.root / steps[1] / steps[4]).is_file():
            return self.send(404, b"", {}, body)
        path = self.root / steps[1] / steps[4]
        size = path.stat().st_size
        etag = hashlib.sha256(f"{path}{size}".encode()).hexdigest()
        headers = {"etag": f'"{etag}"', "x-repo-commit": COMMIT, "accept-ranges": "bytes"}
        first, last, status = 0, size - 1, 200
        if wanted := self.headers.get("range"):
            first, last = (int(n) for n in wanted.removeprefix("bytes=").split("-"))
            last, status = min(last, size - 1), 206
            headers["content-range"] = f"bytes {first}-{last}/{size}"
        with open(path, "rb") as file:
            file.seek(first)
            self.send(status, file.read(last - first + 1) if body else b"", headers, body)

    def send(self, status: int, content: bytes, headers: dict, body: bool):
        with LOCK:
            SENT["requests"] += 1
            SENT["bytes"] += len(content)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    Handler.root = pathlib.Path(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as cache:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        own = {"HF_ENDPOINT": endpoint, "HF_HOME": cache, "JOKBO_CACHE": f"{cache}/jokbo"}
        began = time.monotonic()
        code = subprocess.run(sys.argv[2:], env={**os.environ, **own}).returncode
    seconds = time.monotonic() - began
    print(f"{SENT['requests']} requests, {SENT['bytes']:,} bytes sent, {seconds:.1f} s")
    sys.exit(code)


main()
