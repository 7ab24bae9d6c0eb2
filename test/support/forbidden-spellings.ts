/** Addresses as they may stand in an answer or a setting. */
export interface Spelling {
  url: string;
  /** What the system's look-up says of its name, where it has one. */
  leadsTo?: string[];
}

/** Metadata services, this link, everybody and nobody, as numbers: forbidden even to the settings. */
const numbers = [
  "169.254.169.254",
  "169.254.169.254:80",
  "169.254.169.254.",
  "2852039166",
  "2852039166.",
  "0xa9fea9fe",
  "0XA9FEA9FE",
  "025177524776",
  "0xa9.0xfe.0xa9.0xfe",
  "0251.0376.0251.0376",
  "0xa9.254.0251.254",
  "00000251.254.169.254",
  "169.254.43518",
  "169.16689662",
  "169.254.0xa9fe",
  "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
  "１６９．２５４．１６９．２５４",
  "169。254。169。254",
  "0xａ9fea9fe",
  "169.254.169.2%354",
  "169%2e254%2e169%2e254",
  "%31%36%39.254.169.254",
  "169.254.\t169.254",
  "169.254.169\u00ad.254",
  "graph.facebook.com@169.254.169.254",
  "user:password@169.254.169.254",
  "lookaside.fbsbx.com:443@2852039166",
  "169.254.170.2",
  "100.100.100.200",
  "1684301000",
  "168.63.129.16",
  "192.0.0.192",
  "0",
  "0x0",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "[::]",
  "[0:0:0:0:0:0:0:0]",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[0:0:0:0:0:FFFF:A9FE:A9FE]",
  "[0000:0000:0000:0000:0000:ffff:a9fe:a9fe]",
  "[::169.254.169.254]",
  "[::a9fe:a9fe]",
  "[::ffff:0:169.254.169.254]",
  "[64:ff9b::169.254.169.254]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::a9fe:a9fe]",
  "[2002:a9fe:a9fe::]",
  "[2002:a9fe:a9fe::1]",
  "[2001:0:4136:e378:8000:63bf:5601:5601]",
  "[fe80::a9fe:a9fe]",
  "[fe80::1%25eth0]",
  "[fe80::1%eth0]",
  "[fd00:ec2::254]",
  "[FD00:0EC2:0:0:0:0:0:0254]",
  "[fd20:ce::254]",
  "[ff02::1]",
];

/** The same places by names that lead there; looked up by a stub. */
const names: [host: string, leadsTo: string[]][] = [
  ["metadata.google.internal", ["169.254.169.254"]],
  ["metadata.google.internal.", ["169.254.169.254"]],
  ["METADATA.Google.Internal", ["169.254.169.254"]],
  ["169.254.169.254.nip.io", ["169.254.169.254"]],
  ["a9fea9fe.example.org", ["::ffff:169.254.169.254"]],
  ["nat64.example.org", ["64:ff9b::a9fe:a9fe"]],
  ["sixtofour.example.org", ["2002:a9fe:a9fe::1"]],
  ["link.example.org", ["fe80::1%2"]],
  ["both.example.org", ["8.8.8.8", "169.254.169.254"]],
  ["mètadata.example.org", ["fd00:ec2::254"]],
  ["user:pw@metadata.example.org", ["100.100.100.200"]],
  ["nobody.example.org", ["0.0.0.0"]],
];

/** What is on the premises: for the settings to name, not for an answer. */
const inside: [host: string, leadsTo?: string[]][] = [
  ["127.0.0.1"],
  ["127.1"],
  ["2130706433"],
  ["0x7f000001"],
  ["0177.0.0.1"],
  ["017700000001"],
  ["①②⑦.⓪.⓪.①"],
  ["127.0.0.1."],
  ["[::1]"],
  ["[::ffff:7f00:1]"],
  ["[64:ff9b::127.0.0.1]"],
  ["10.0.0.5"],
  ["0x0a000005"],
  ["172.16.0.1"],
  ["3232235777"],
  ["[::ffff:192.168.1.1]"],
  ["[2002:c0a8:101::]"],
  ["[fec0::1]"],
  ["[fd12:3456::1]"],
  ["router.example.org", ["192.168.1.1"]],
  ["desk.internal", ["10.0.0.5"]],
  ["sixtofour.internal", ["2002:a00:5::"]],
  ["nat64.internal", ["64:ff9b::a00:5"]],
  ["mapped.internal", ["::ffff:10.0.0.5"]],
  ["loop.example.org", ["127.0.0.1"]],
  ["loop6.example.org", ["::1"]],
  ["mixed.example.org", ["8.8.8.8", "10.0.0.5"]],
];

/** Forbidden everywhere; with what only this parser makes of an address that is hardly one. */
export const forbiddenNumbers: Spelling[] = [
  ...numbers.map((host) => ({ url: `http://${host}/latest/meta-data` })),
  { url: "http:\\\\169.254.169.254\\latest" },
  { url: "http:169.254.169.254/latest" },
  { url: "http:///169.254.169.254/latest" },
  { url: " http://169.254.169.254/latest" },
  { url: "HTTP://169.254.169.254:80/latest" },
];
export const forbiddenNames: Spelling[] = names.map(([host, leadsTo]) => ({
  url: `http://${host}/latest/meta-data`,
  leadsTo,
}));
/** Forbidden unless it is the host of a base address, or a number in the settings. */
export const insideNumbers: Spelling[] = inside
  .filter(([, leadsTo]) => !leadsTo)
  .map(([host]) => ({ url: `http://${host}/admin` }));
export const insideNames: Spelling[] = inside.flatMap(([host, leadsTo]) =>
  leadsTo ? [{ url: `http://${host}/admin`, leadsTo }] : [],
);
