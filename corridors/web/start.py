"""How this process serves, from its settings; and the refusal to serve where nobody would be asked a name."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from corridors import ROOT
from corridors.web.limits import LOOPBACK, PORTS

NEEDED = ("redirect_uri", "cookie_secret")
CLIENT = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True)
class ServerSettings:
    """What the server keeps to. `signs_in`: visitors must sign in; `origins`: where a proxy shows its pages; `audit`: folder of
    the trail, or None."""

    signs_in: bool
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    ancestors: str
    audit: Path | None
    cache: Path | None


def missing_sign_in(auth: Mapping | None) -> list[str]:
    """What the sign-in settings ([auth] of .streamlit/secrets.toml) lack; empty when they are whole.

    The provider's keys may stand in [auth] itself or in one table below it, as Streamlit allows.
    """
    auth = auth or {}
    lacking = [key for key in NEEDED if not auth.get(key)]
    tables = [auth, *(v for v in auth.values() if isinstance(v, Mapping))]
    if not any(all(table.get(key) for key in CLIENT) for table in tables):
        fullest = max(tables, key=lambda table: sum(bool(table.get(key)) for key in CLIENT))
        lacking += [key for key in CLIENT if not fullest.get(key)]
    return lacking


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach an address to listen on. No address means every address, so False."""
    if not address:
        return False
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(address: str | None, auth: Mapping | None, guarded: bool) -> str | None:
    """Why the server must not start on `address`; None when it may.

    `guarded` says that the front door asks who comes: settings for a sign-in that no page demands protect nothing.
    """
    if is_loopback(address):
        return None
    where = address or "every address of this machine"
    if not guarded:
        return (
            f"Corridors does not start on {where}: this edition of the product has no sign-in yet, and without one it "
            "serves only its own machine. Start it on 127.0.0.1 (server.address in .streamlit/config.toml)."
        )
    if lacking := missing_sign_in(auth):
        return (
            f"Corridors does not start on {where} without a sign-in. Missing in [auth] of .streamlit/secrets.toml: "
            f"{', '.join(lacking)}. Add them, or start on 127.0.0.1 (server.address in .streamlit/config.toml). "
            "See deploy/README.md."
        )
    return None


def server_settings(auth: Mapping | None, guarded: bool, environment: Mapping[str, str] = os.environ) -> ServerSettings:
    """The settings of this process.

    From the sign-in's own address, and from CORRIDORS_HOSTS, CORRIDORS_FRAME_ANCESTORS, CORRIDORS_AUDIT and
    CORRIDORS_CACHE; deploy/README.md describes them.
    """
    signs_in = guarded and not missing_sign_in(auth)
    named = [h.strip() for h in environment.get("CORRIDORS_HOSTS", "").split(",") if h.strip()]
    origins = [f"{scheme}://{host}" for host in named for scheme in PORTS]
    if signs_in:
        own = urlsplit(str((auth or {}).get("redirect_uri", "")))
        origins.append(f"{own.scheme}://{own.netloc}")
    else:  # another name can only mean a proxy that lets strangers in
        origins = [origin for origin in origins if urlsplit(origin).hostname in LOOPBACK]
    return ServerSettings(
        signs_in,
        tuple(dict.fromkeys([*LOOPBACK, *(name for origin in origins if (name := urlsplit(origin).hostname))])),
        tuple(origins),
        environment.get("CORRIDORS_FRAME_ANCESTORS") or "'none'",
        _folder(environment.get("CORRIDORS_AUDIT"), ROOT / "data" / "private" / "audit" if signs_in else None),
        _folder(environment.get("CORRIDORS_CACHE"), ROOT / ".cache" / "compressed"),
    )


def _folder(setting: str | None, otherwise: Path | None) -> Path | None:
    """A folder from a setting; “off” is none."""
    if not setting:
        return otherwise
    return None if setting.strip().lower() == "off" else Path(setting)
