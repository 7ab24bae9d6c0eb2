import { createServer } from "node:http";
import { type AddressInfo, type LookupFunction, setDefaultAutoSelectFamily } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  guardedDispatcher,
  isForbidden,
  isForbiddenLiteral,
  type Reach,
} from "../../src/sdk/address-guard.ts";
import { embeddedAddress } from "../../src/sdk/embedded-address.ts";

/** Each range by its ends, with the addresses right before and after it; "free" where those are nobody's range. */
const ranges: [kind: "never" | "inside", before: string, first: string, last: string, after: string][] = [
  ["never", "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"],
  ["never", "168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"],
  ["never", "223.255.255.255", "224.0.0.0", "255.255.255.255", ""],
  ["never", "", "0.0.0.0", "0.255.255.255", "1.0.0.0"],
  ["never", "fdff:ffff::", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""],
  ["never", "", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""],
  ["never", "", "::", "::", ""],
  ["inside", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
  ["inside", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"],
  ["inside", "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"],
  ["inside", "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"],
  ["inside", "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"],
  ["inside", "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"],
  ["inside", "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"],
  ["inside", "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"],
  ["inside", "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"],
  ["inside", "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"],
  ["inside", "", "::1", "::1", ""],
  ["inside", "64:ff9b:0:ffff::", "64:ff9b:1::1.1.1.1", "64:ff9b:1:ffff:ffff:ffff:1.1.1.1", "64:ff9b:2::"],
  ["inside", "fbff:ffff::", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""],
  ["inside", "", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""],
  ["inside", "2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
];

const reaches = (address: string) =>
  (["configured", "elsewhere"] as const).map((reach: Reach) => isForbidden(address, reach));

describe("a range of addresses", () => {
  it.each(ranges)("%s: after %s from %s to %s, before %s", (kind, before, first, last, after) => {
    for (const address of [first, last]) expect(reaches(address)).toEqual([kind === "never", true]);
    // What lies beside some ranges is another one, of the inside.
    const beside = [before, after].filter((address) => address !== "" && !address.startsWith("fdff"));
    for (const address of beside) expect(reaches(address)).toEqual([false, false]);
  });

  it.each([
    ["100.100.100.199", false],
    ["100.100.100.200", true],
    ["100.100.100.201", false],
    ["192.0.0.191", false],
    ["192.0.0.192", true],
    ["192.0.0.193", false],
    ["fd00:ec1:ffff::", false],
    ["fd00:ec2::", true],
    ["fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", true],
    ["fd00:ec3::", false],
    ["fd20:ce::253", false],
    ["fd20:ce::254", true],
    ["fd20:ce::255", false],
  ])("of a cloud's metadata lies inside another: %s is forbidden to the settings: %s", (address, isNever) => {
    expect(reaches(address)).toEqual([isNever, true]);
  });

  it.each(["[169.254.1.1]", "fe80::1%eth0", "[fe80::1%eth0]", "[::ffff:a9fe:101%x]"])(
    "is known in brackets and with a zone: %s",
    (address) => expect(reaches(address)).toEqual([true, true]),
  );
});

describe("an address in another", () => {
  const anyIpv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
  const anyFiller = fc.integer({ min: 0, max: 0xffff }).map((group) => group.toString(16));

  it("stands for the IPv4 address that it holds, in every form that networks translate, and is as forbidden", () => {
    fc.assert(
      fc.property(anyIpv4, anyFiller, ([a, b, c, d], filler) => {
        const ipv4 = [a, b, c, d].join(".");
        const [high, low] = [hex(a, b), hex(c, d)];
        const forms = [
          `::ffff:${ipv4}`,
          `0:0:0:0:0:ffff:${high}:${low}`,
          `::ffff:0:${high}:${low}`,
          `64:ff9b::${ipv4}`,
          `64:ff9b::${high}:${low}`,
          `64:ff9b:1:${filler}:${filler}:${filler}:${high}:${low}`,
          `2002:${high}:${low}::${filler}`,
          `2001:0:${filler}:${filler}:${filler}:${filler}:${hex(a ^ 255, b ^ 255)}:${hex(c ^ 255, d ^ 255)}`,
          `[::ffff:${high}:${low}]`,
          `::ffff:${ipv4}%eth0`,
        ];
        for (const form of forms) {
          expect([form, embeddedAddress(form)]).toEqual([form, ipv4]);
          for (const reach of ["configured", "elsewhere"] as const) {
            if (isForbidden(ipv4, reach)) expect([form, isForbidden(form, reach)]).toEqual([form, true]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("of the compatible form has one, unless its first half is nothing: those are addresses of their own", () => {
    expect(embeddedAddress("::1.2.3.4")).toBe("1.2.3.4");
    expect(embeddedAddress("::100:1")).toBe("1.0.0.1");
    expect(embeddedAddress("::1:0")).toBe("0.1.0.0");
    expect(embeddedAddress("::ffff")).toBeUndefined();
    expect(embeddedAddress("::1")).toBeUndefined();
    expect(embeddedAddress("::")).toBeUndefined();
    expect(embeddedAddress("::ffff:0.0.0.1")).toBe("0.0.0.1");
  });

  it.each([
    "1.2.3.4",
    "::ffff:1.2.3",
    "x",
    "",
    "2606:4700::a9fe:a9fe",
    "2003:a9fe:a9fe::1",
    "2001:1:0:0:0:0:5601:5601",
    "64:ff9b:2::a9fe:a9fe",
    "65:ff9b::a9fe:a9fe",
    "64:ff9c::a9fe:a9fe",
    "1::ffff:a9fe:a9fe",
    "0:1::ffff:a9fe:a9fe",
    "0:0:1::ffff:a9fe:a9fe",
    "0:0:0:1:0:ffff:a9fe:a9fe",
    "::1:ffff:a9fe:a9fe",
    "::fffe:a9fe:a9fe",
    "::ffff:1:a9fe:a9fe",
    "0:0:0:1:ffff:0:a9fe:a9fe",
  ])("is not in %s", (address) => expect(embeddedAddress(address)).toBeUndefined());
});

describe("a host of an address", () => {
  it.each([
    ["127.0.0.1", true],
    ["[::1]", true],
    ["::1", true],
    ["8.8.8.8", false],
    ["[2606:4700::1111]", false],
    ["localhost", false],
    ["127.0.0.1.nip.io", false],
    ["[localhost]", false],
    ["", false],
  ])("%s is a forbidden literal: %s", (hostname, isLiteral) => {
    expect(isForbiddenLiteral(hostname, "elsewhere")).toBe(isLiteral);
  });

  it("is one by its number only, whatever else it may be called", () => {
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(isForbiddenLiteral(name, "elsewhere")).toBe(false);
      }),
    );
  });
});

describe("a connection", () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** A server that answers everybody, and counts its connections. */
  async function startServer() {
    let connections = 0;
    const server = createServer((_, response) => void response.end("in"));
    server.on("connection", () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(() => server.close());
    return { port: (server.address() as AddressInfo).port, connections: () => connections };
  }

  /** How a request to `host` ends when the system's look-up says this. */
  async function call(
    reach: Reach,
    answer: Partial<Answer> = {},
    { keepAlive = false, host = "localhost", times = 1 } = {},
  ) {
    const { port, connections } = await startServer();
    const looked: string[] = [];
    const lookup = ((name, { all }, callback) => {
      looked.push(name);
      const { error = null, found = ["127.0.0.1"] } = answer;
      const several = found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      callback(error, all ? several : (found[0] ?? ""), 4);
    }) as LookupFunction;
    const dispatcher = guardedDispatcher(reach, { keepAlive, lookup });
    open.push(() => dispatcher.destroy());
    const ends: (string | undefined)[] = [];
    for (let time = 0; time < times; time += 1) {
      const request = dispatcher.request({ origin: `http://${host}:${port}`, path: "/", method: "GET" });
      ends.push(
        await request.then(
          ({ body }) => body.text(),
          (error: NodeJS.ErrnoException) => `${error.code}: ${error.message}`,
        ),
      );
    }
    return { ends, looked, connections: connections() };
  }

  interface Answer {
    error: Error | null;
    found: string[];
  }
  const refused = ["EADDRNOTALLOWED: the address is not allowed"];

  it("is made where the look-up leads, if one may go there", async () => {
    expect(await call("configured")).toEqual({ ends: ["in"], looked: ["localhost"], connections: 1 });
  });

  it("R35: is refused when the only answer is forbidden, or one of several: nobody there is asked", async () => {
    expect(await call("elsewhere")).toMatchObject({ ends: refused, connections: 0 });
    const bad = { found: ["127.0.0.1", "169.254.169.254"] };
    expect(await call("configured", bad)).toMatchObject({ ends: refused, connections: 0 });
    expect(await call("configured", { found: ["::ffff:169.254.169.254"] })).toMatchObject({ ends: refused });
  });

  it("R35: is refused as well where Node asks for one address only, which some are told to", async () => {
    setDefaultAutoSelectFamily(false);
    try {
      expect(await call("configured")).toMatchObject({ ends: ["in"] });
      expect(await call("elsewhere")).toMatchObject({ ends: refused, connections: 0 });
    } finally {
      setDefaultAutoSelectFamily(true);
    }
  });

  it("whose look-up fails ends with the system's own error", async () => {
    const error = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    expect((await call("configured", { error })).ends).toEqual(["ENOTFOUND: no such name"]);
    expect((await call("configured", { error, found: ["169.254.169.254"] })).ends).toEqual([
      "ENOTFOUND: no such name",
    ]);
  });

  it("to a number is looked at too, though nothing is looked up", async () => {
    expect(await call("configured", {}, { host: "127.0.0.1" })).toMatchObject({ ends: ["in"], looked: [] });
    expect(await call("configured", {}, { host: "169.254.169.254" })).toMatchObject({
      ends: refused,
      looked: [],
    });
    expect(await call("elsewhere", {}, { host: "[::ffff:a9fe:a9fe]" })).toMatchObject({ ends: refused });
  });

  it("is kept for the next request where that is wanted, and only there", async () => {
    // A second is opened while the first is still putting itself away.
    expect((await call("configured", {}, { keepAlive: true, times: 6 })).connections).toBeLessThan(4);
    expect((await call("configured", {}, { keepAlive: false, times: 6 })).connections).toBe(6);
  });
});
