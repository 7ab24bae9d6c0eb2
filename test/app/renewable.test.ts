import { describe, expect, it } from "vitest";
import { renewable } from "../../src/app/renewable.ts";

/** A part that is an instance of a class, as a plugin's may be. */
class Part {
  readonly #token: string;
  readonly name: string;
  calls = 0;

  constructor(name: string, token: string) {
    if (token === "bad") throw new Error("cannot be made");
    this.name = name;
    this.#token = token;
  }

  token(): string {
    this.calls++;
    return this.#token;
  }
}

const setUp = () => {
  const made: string[] = [];
  const all = renewable({ city: { token: "a" }, park: { token: "b" } }, (name, { token }) => {
    made.push(`${name} ${token}`);
    return new Part(name, token);
  });
  const [city, park] = [...all.parts.values()];
  if (!city || !park) throw new Error("two were asked for");
  return { ...all, made, city, park };
};

describe("parts that can be made anew", () => {
  it("are what they were made to be, fields, methods and all", () => {
    const { city, park } = setUp();
    expect([city.name, city.token(), city.calls, "token" in city, "other" in city]).toEqual([
      "city",
      "a",
      1,
      true,
      false,
    ]);
    expect({ ...park }).toMatchObject({ name: "park", calls: 0 });
  });

  it("are others from one moment to the next for those who hold them, and only those whose settings changed", () => {
    const { build, made, city, park } = setUp();
    const built = build({ city: { token: "c" }, park: { token: "b" } });
    expect(city.token()).toBe("a");
    expect(built.putInPlace()).toEqual(["city"]);
    expect([city.token(), park.token()]).toEqual(["c", "b"]);
    expect(made).toEqual(["city a", "park b", "city c"]);
    expect(build({ city: { token: "c" }, park: { token: "b" } }).putInPlace()).toEqual([]);
  });

  it("finish what they have begun as what they were", async () => {
    const { build, city } = setUp();
    const begun = city.token;
    build({ city: { token: "c" } }).putInPlace();
    expect(begun()).toBe("a");
  });

  it("stay, all of them, when one cannot be made", () => {
    const { build, city, park } = setUp();
    expect(() => build({ city: { token: "c" }, park: { token: "bad" } })).toThrow("cannot be made");
    expect([city.token(), park.token()]).toEqual(["a", "b"]);
  });

  it("do not come or go: that takes a restart", () => {
    const { build, made } = setUp();
    expect(build({ club: { token: "d" } }).putInPlace()).toEqual([]);
    expect(made).toHaveLength(2);
  });
});
