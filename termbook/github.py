"""Addresses on GitHub: an issue form that is filled in, and the page that makes a new file.

The parameters of the first are the ids of the form's fields, in .github/ISSUE_TEMPLATE.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit


def is_github(repo_url: str) -> bool:
    """Whether a repository's address is one of GitHub, or of a company's own GitHub."""
    host = urlsplit(repo_url).hostname or ""
    return host.startswith("github.") or host.endswith(".ghe.com")


def issue_form(repo_url: str, template: str, **fields: str) -> str:
    """The address that opens the issue form `template` with its title and `fields` filled in."""
    query = urlencode({"template": f"{template}.yml", **fields}, quote_via=quote)
    return f"{repo_url.rstrip('/')}/issues/new?{query}"


def new_file(repo_url: str, edit_uri: str, folder: str) -> str:
    """The address that opens an editor for a new file in `folder`; MkDocs' `edit_uri` has the
    branch. The editor takes `filename` and `value` as parameters."""
    return f"{repo_url.rstrip('/')}/new/{edit_uri.removeprefix('edit/').rstrip('/')}/{folder}"
