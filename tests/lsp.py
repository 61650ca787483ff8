"""A client of the YAML language server, as an editor is one: over its standard input and output."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any


class LanguageServer:
    """A running server with the settings of .vscode/settings.json, and what it told of files."""

    def __init__(self, command: list[str], settings: dict[str, Any]) -> None:
        self._settings = settings
        self._server = subprocess.Popen(
            [*command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # A server that falls silent must not stop the tests for ever.
        self._end = threading.Timer(600, self._server.kill)
        self._end.start()
        self._asked = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        completion = {"completionItem": {"snippetSupport": True}}
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": {
            "textDocument": {"hover": {"contentFormat": ["markdown"]}, "completion": completion},
            "workspace": {"configuration": True}}})
        self._send({"method": "initialized", "params": {}})

    def close(self) -> None:
        """End the server."""
        self._ask("shutdown", None)
        self._send({"method": "exit"})
        self._server.wait()
        self._end.cancel()
        self._server.stdin.close()
        self._server.stdout.close()

    def problems(self, texts: dict[Path, str]) -> dict[Path, list[tuple[int, str]]]:
        """What is wrong with each text, opened as the file at its path: lines from 1, messages."""
        opened = {path.as_uri(): text for path, text in texts.items()}
        again = {uri: {"uri": uri} for uri in opened if uri in self._diagnostics}
        new = {uri: {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
               for uri, text in opened.items()}
        for method, documents in (("didClose", again), ("didOpen", new)):
            for uri, document in documents.items():
                self._diagnostics.pop(uri, None)
                self._send({"method": f"textDocument/{method}", "params": {
                    "textDocument": document}})
            while not documents.keys() <= self._diagnostics.keys():
                self._hear()
        return {path: [(one["range"]["start"]["line"] + 1, one["message"])
                       for one in self._diagnostics[path.as_uri()]] for path in texts}

    def offered(self, path: Path, text: str) -> dict[str, str]:
        """What is offered where `|` stands in the text: labels, and what each would insert."""
        before, _, after = text.partition("|")
        self.problems({path: before + after})
        line = before.count("\n")
        found = self._at("completion", path, line, len(before) - before.rfind("\n") - 1)
        items = found["items"] if isinstance(found, dict) else found or []
        return {one["label"]: (one.get("textEdit") or {}).get("newText", "") for one in items}

    def hover(self, path: Path, line: int, column: int) -> str:
        """What is told of the key at a place (from 1) of an opened file."""
        found = self._at("hover", path, line - 1, column - 1)
        return found["contents"]["value"] if found else ""

    def _at(self, what: str, path: Path, line: int, character: int) -> Any:
        return self._ask(f"textDocument/{what}", {
            "textDocument": {"uri": path.as_uri()},
            "position": {"line": line, "character": character}})

    def _ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while "method" in (told := self._hear()) or told["id"] != self._asked:
            pass
        assert "error" not in told, told
        return told["result"]

    def _hear(self) -> dict[str, Any]:
        """Read what the server says next; its questions are answered, its findings kept."""
        told = self._read()
        if "method" in told and "id" in told:
            self._send({"id": told["id"], "result": self._answer(told)})
        elif told.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[told["params"]["uri"]] = told["params"]["diagnostics"]
        return told

    def _answer(self, told: dict[str, Any]) -> Any:
        """The settings that the server asks for, section by section."""
        if told["method"] != "workspace/configuration":
            return None
        return [self._section(item["section"]) for item in told["params"]["items"]]

    def _section(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self._settings.items():
            if key.startswith(f"{name}."):
                *above, last = key.removeprefix(f"{name}.").split(".")
                part = found
                for step in above:
                    part = part.setdefault(step, {})
                part[last] = value
        return found

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        length = 0
        while header := self._server.stdout.readline().strip():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        assert length, "the language server ended"
        return json.loads(self._server.stdout.read(length))
