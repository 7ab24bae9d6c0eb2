import jsonata from "jsonata";
import { describe, expect, test } from "vitest";
import { jsonataFunctions, refusalOf } from "../../src/mapping/allowed.ts";

function refuse(source: string): string | undefined {
  return refusalOf(jsonata(source).ast(), ["plain"])?.reason;
}

describe("an expression is allowed", () => {
  test.each([
    `{"name": $plain(person.name, 20), "phone": person.phone}`,
    `($x := 1; $f := function($n) { $n > $x ? $f($n - 1) : $$.a }; $f(3))`,
    `items@$i#$n[$n > 0].{"a": $i.b}^(<a, >$n)`,
    `a.b[c = 1]#$i.{"i": $i, "parent": %.d}`,
    `[1..3] ~> $map(function($v) { $v * 2 }) ~> $sum`,
    `$map(?, $string)([1, 2]) ~> $join(",")`,
    `a{b: $sum(c)}`,
    `**.text[$contains(/water|pump/i)] ? [*] : -a`,
    `a ?: b ?? "–"`,
    `{"constructor": category = "constructor"}`,
  ])("%s", (source) => {
    expect(refuse(source)).toBeUndefined();
  });
});

describe("an expression is refused", () => {
  test.each([
    [`$eval("1")`, /\$eval is switched off.*Write the expression itself/],
    [`($e := $eval; $e("1"))`, /\$eval is switched off/],
    [`($eval := function($x) { $x }; 1)`, /\$eval is switched off/],
    [`$clone(a)`, /\$clone is switched off.*Leave it out/],
    [`a ~> |b|{"c": 1}|`, /transform operator.*Build a new object/],
    [`$plian(a)`, /no function or variable \$plian\. Did you mean \$plain\?/],
    [`($name := 1; $nmae)`, /no function or variable \$nmae\. Did you mean \$name\?/],
    [`$somethingElse(a)`, /no function or variable \$somethingElse\. Set it before/],
    [`a.__proto__.b`, /the name __proto__ is not allowed/],
    [`$lookup(a, "__proto__")`, /the name __proto__ is not allowed/],
    [`{"__defineGetter__": 1}`, /the name __defineGetter__ is not allowed/],
    [`a.b[$contains(c, /(x)\\1/)]`, /linear time/],
    [`[${"1,".repeat(20_001)}1]`, /more than 20000 parts/],
    [`${"-(".repeat(300)}a${")".repeat(300)}`, /nested deeper than 200 levels/],
  ])("%s", (source, reason) => {
    expect(refuse(source)).toMatch(reason);
  });

  test.each(["$n", "$v", "$lambda", "$lhs"])("for %s, a name that it does not give", (name) => {
    expect(refuse(`($x := function($y) { $y }; items@$z#$i.[$x($z), $i, ${name}])`)).toMatch(
      new RegExp(`^there is no function or variable \\${name}\\. (Did you mean|Set it before with :=)`),
    );
  });

  test("at the first thing that is wrong, with its place", () => {
    const { position } = refusalOf(jsonata(`(\n$a := 1;\n$b)`).ast(), []) ?? {};
    expect(position).toBe(13);
  });
});

test("of JSONata's own functions all but $eval and $clone are allowed, and no other", async () => {
  const source = await import("node:fs/promises").then(({ readFile }) =>
    readFile(new URL("../../node_modules/jsonata/jsonata.js", import.meta.url), "utf8"),
  );
  const bound = [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)'/g)].map(([, name]) => name);
  const expected = new Set([...bound.filter((name) => name !== "eval" && name !== "clone"), "now", "millis"]);
  expect(bound.length).toBeGreaterThan(60);
  expect([...jsonataFunctions].sort()).toEqual([...expected].sort());
});
