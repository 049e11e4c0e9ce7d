"""Somebody who is told of events: a server that keeps every request."""

import http.server
import queue
import threading


class Receiver:
    """Answers 200; `told` are the requests as (headers, body)."""

    def __init__(self):
        told = self._told = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                told.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self):
        """The next request, which is awaited for some seconds."""
        return self._told.get(timeout=15)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
