"""curl, as far as the documentation uses it: the machine that runs the tests may have none.

Unlike the real one without `--fail`, it exits with 22 where the server refuses: a documented call must work.
"""

import argparse
import sys

import httpx


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("-s", "-sS", dest="silent", action="store_true")
    parser.add_argument("-i", dest="include", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-G", dest="get", action="store_true")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data")
    parser.add_argument("--data-urlencode", dest="fields", action="append", default=[])
    parser.add_argument("url")
    given = parser.parse_args(arguments)
    headers = dict(header.split(": ", 1) for header in given.headers)
    params = dict(field.split("=", 1) for field in given.fields) if given.get else None
    method = given.method or ("POST" if given.data is not None else "GET")
    response = httpx.request(method, given.url, headers=headers, params=params, content=given.data, timeout=30)
    if given.include:
        print(f"HTTP/1.1 {response.status_code}")
        print("".join(f"{name}: {value}\n" for name, value in response.headers.items()))
    print(response.text)
    if response.is_error:
        print(f"{method} {given.url}: {response.status_code} {response.text}", file=sys.stderr)
        return 22
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
