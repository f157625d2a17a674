/** Requests that a server must survive. `host` is a good Host header; `target` a path of its own. */
export function badRequests(target: string): Buffer[] {
  const good = "Host: localhost\r\n";
  const targets = [
    ...[
      "//",
      "///",
      "//x",
      "/.",
      "/..",
      "/../..",
      "/%",
      "/%zz",
      "/%00",
      "/%ff%fe",
      "/%2e%2e/",
      "*",
      "?",
    ],
    ...[
      "/?",
      "/#",
      "/\\",
      "http://[",
      "http://",
      "http://a/b",
      "x",
      "/\u00e9",
      "/;",
      "//?%",
      "/a".repeat(2000),
    ],
    ...["/", "//", "/%", "/..", "?%zz", "/%00", "/__proto__", "/constructor"].map(
      (end) => target + end,
    ),
  ];
  const methods = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PATCH",
    "PROPFIND",
    "get",
  ];
  const hosts = [
    "",
    "[",
    "[::1",
    "::",
    "a b",
    "\u0000",
    "%",
    "localhost:x",
    "localhost:99999999",
    ".",
    "x".repeat(3000),
  ];
  const headers = [
    ...[
      "no colon",
      ": empty",
      "X : space",
      "X:\u0000",
      " folded",
      "Content-Length: -1",
      "Content-Length: 1e9",
    ],
    ...[
      "Content-Length: 99999999999999999999",
      "Content-Length: 3\r\nContent-Length: 4",
      "Expect: 100-continue",
    ],
    ...[
      "Transfer-Encoding: x",
      "Transfer-Encoding: chunked\r\nContent-Length: 3",
      "Expect: x",
      "Upgrade: x\r\nConnection: Upgrade",
    ],
    ...[
      "Upgrade: websocket",
      "Authorization: \u00ff",
      `Authorization: ${"x".repeat(5000)}`,
      `X: ${"x".repeat(100_000)}`,
    ],
    ...[
      "Content-Type: x",
      "Content-Type: application/json; charset=%",
      "Content-Encoding: gzip",
      "Accept-Encoding: \u0001",
    ],
    Array.from({ length: 3000 }, (_, i) => `X${i}: y`).join("\r\n"),
  ];
  const bodies = [
    ...[
      "{",
      "[]",
      "null",
      "1",
      '"',
      "{}",
      '{"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{}}}',
    ],
    ...[
      "[".repeat(50_000),
      "\u0000",
      "1".repeat(50_000),
      '{"a":1,"a":2}',
      "{}{}",
      '{"Password":{"toString":1}}',
    ],
  ];
  const lines = [
    ...[
      "",
      "\r\n\r\n",
      "GET",
      "GET \r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\n\n",
      "GET  / HTTP/1.1\r\n\r\n",
    ],
    ...[
      "GET / HTTP/1.1\r\n",
      `GET / HTTP/1.1\r\n${good}`,
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    `POST ${target} HTTP/1.1\r\n${good}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
    `POST ${target} HTTP/1.1\r\n${good}Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n`,
    `POST ${target} HTTP/1.1\r\n${good}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(50_000)}\r\nx\r\n`,
    `POST ${target} HTTP/1.1\r\n${good}Content-Length: 100\r\n\r\nshort`,
    `GET / HTTP/1.1\r\n${good}\r\n`.repeat(200),
  ];
  return [
    ...lines,
    ...targets.flatMap((one) => ["GET", "POST"].map((method) => request(method, one, good))),
    ...methods.map((method) => request(method, target, good)),
    ...hosts.map((host) => request("GET", target, `Host: ${host}\r\n`)),
    request("GET", target, ""),
    ...headers.map((header) => request("POST", target, `${good}${header}\r\n`)),
    ...bodies.map((body) =>
      request(
        "POST",
        target,
        `${good}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`,
        body,
      ),
    ),
  ].map((text) => Buffer.from(text, "latin1"));
}

const request = (method: string, target: string, headers: string, body = "") =>
  `${method} ${target} HTTP/1.1\r\n${headers}\r\n${body}`;

/** Numbers that look random and are the same in each run, so that a failure can be repeated. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A request with some of its bytes changed, taken out, doubled, or followed by noise. */
export function mutated(request: Buffer, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(request);
  for (let change = 0; change <= next(6); change++) {
    const at = next(bytes.length + 1);
    const length = next(12);
    const noise = Buffer.from(Array.from({ length }, () => next(256)));
    const rest = [at, at + length, at][next(3)]!;
    bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(rest)]);
  }
  return bytes.subarray(0, 200_000);
}
