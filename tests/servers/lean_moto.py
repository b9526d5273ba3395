"""moto's server without what it does for each request beside answering it, and a way to it without a socket.

As it comes it looks through its folders and some hundred patterns for the service of a request, and logs it: a third of
the time that a request to it takes.
"""

from __future__ import annotations

import io
import traceback
from typing import Any

from moto.moto_server import werkzeug_app
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from tests.servers.http_messages import Request, Response

SIGNED_FOR_S3 = "/s3/aws4_request"
S3_CONTROL = "/v20180820/"
# Nobody here is a browser.
werkzeug_app.DISABLE_GLOBAL_CORS = True  # type: ignore[attr-defined]


class Dispatcher(DomainDispatcherApplication):
    """Knows a request for S3 by its signature."""

    s3: Any = None

    def get_application(self, environ: dict[str, Any]) -> Any:
        is_for_s3 = SIGNED_FOR_S3 in environ.get("HTTP_AUTHORIZATION", "")
        if not is_for_s3 or environ["PATH_INFO"].startswith(S3_CONTROL):
            return super().get_application(environ)
        if self.s3 is None:
            self.s3 = super().get_application(environ)
        return self.s3


class SilentHandler(MotoRequestHandler):
    """Logs no request: who cares has a stub in front."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class _Unconnected(SilentHandler):
    """A handler of a request that came without a socket: only to make what the application is given."""

    def __init__(self, server: Any, request: Request) -> None:
        self.server, self.command, self.path = server, request.method, request.target
        self.headers, self.rfile = request.headers, io.BufferedReader(io.BytesIO(request.body))
        self.request_version, self.client_address, self.connection = "HTTP/1.1", ("127.0.0.1", 0), None


class LeanMotoServer(ThreadedMotoServer):
    """moto on a free port."""

    def __init__(self) -> None:
        super().__init__(ip_address="127.0.0.1", port=0, verbose=False)
        self._app = Dispatcher(create_backend_app)
        # Not printed: some tests look at all that their process prints.
        self.last_mistake = ""

    def answer(self, request: Request) -> Response:
        """The same answer as through a socket, but for the headers that are the server's."""
        try:
            chunks, status, headers = run_wsgi_app(
                self._app, _Unconnected(self._server, request).make_environ(), buffered=True
            )
        except Exception:  # noqa: BLE001 - what any of moto's mistakes are at its socket too
            self.last_mistake = traceback.format_exc()
            return Response(500)
        body = b"" if request.method == "HEAD" else b"".join(chunks)
        return Response(int(status.partition(" ")[0]), dict(headers), body)

    def _server_entry(self) -> None:
        self._server = make_server(self._ip_address, self._port, self._app, True, request_handler=SilentHandler)
        self._server_ready_event.set()
        self._server.serve_forever()
