"""`RemoteMonitor`."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np

from cornu.errors import MissingLibraryError
from cornu.training.callbacks.callback import Callback

__all__ = ["RemoteMonitor"]


class RemoteMonitor(Callback):
    """Sends the logs of each epoch to a server, as JSON in a POST request.

    Args:
        root: Address of the server.
        path: Path on it.
        field: Field of the form that holds the JSON text.
        headers: Further headers of the request.
        send_as_json: Whether the JSON text is the body of the request, in place of a form.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Send the logs.

        Raises:
            MissingLibraryError: The library `requests` isn't installed.
        """
        try:
            import requests  # type: ignore[import-untyped]  # optional
        except ImportError as error:
            raise MissingLibraryError(
                "RemoteMonitor", "the library `requests` is needed", fix="pip install requests"
            ) from error
        data: dict[str, Any] = {"epoch": epoch}
        for name, value in (logs or {}).items():
            is_numpy = isinstance(value, (np.ndarray, np.generic))
            data[name] = value.item() if is_numpy and value.size == 1 else value
        body = {"json": data} if self.send_as_json else {"data": {self.field: json.dumps(data)}}
        try:
            requests.post(self.root + self.path, headers=self.headers, **body)
        except requests.exceptions.RequestException:
            warnings.warn(
                f"RemoteMonitor: the server {self.root} can't be reached.",
                UserWarning,
                stacklevel=2,
            )
