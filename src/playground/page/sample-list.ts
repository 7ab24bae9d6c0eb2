import type { KindStart, Sample, Start } from "../protocol.ts";
import { byId, el } from "./dom.ts";

/** The list of samples that fit the kind of file that is shown. */
export interface SampleList {
  /** The samples and test cases of this kind, the first at first; later what its input came from. */
  show(kind: KindStart): void;
  /** Tells that the input is no longer the sample's. */
  leave(): void;
}

const OWN = "own";

export function createSampleList(samples: Start["samples"], onChoose: (sample: Sample) => void): SampleList {
  const list = byId("samples", HTMLSelectElement);
  /** By kind: what its input came from. */
  const chosen = new Map<string, Sample | undefined>();
  let kind = "";
  let offered: Sample[] = [];

  function note(sample: Sample): void {
    for (const name of Object.keys(sample.inputs)) chosen.set(name, sample);
  }

  function optionOf(sample: Sample): HTMLOptionElement {
    return el("option", { value: String(offered.indexOf(sample)) }, sample.title);
  }

  list.addEventListener("change", () => {
    const sample = offered[Number(list.value)];
    if (!sample) return;
    note(sample);
    onChoose(sample);
  });
  return {
    show(shown) {
      kind = shown.kind;
      const groups = [...samples, { group: `Cases of ${kind}.test.json`, samples: shown.cases }]
        .map(({ group, samples: all }) => ({ group, fitting: all.filter(({ inputs }) => kind in inputs) }))
        .filter(({ fitting }) => fitting.length > 0);
      offered = groups.flatMap(({ fitting }) => fitting);
      if (!chosen.has(kind)) chosen.set(kind, offered[0]);
      list.replaceChildren(
        el("option", { value: OWN }, "your own input"),
        ...groups.map(({ group, fitting }) => el("optgroup", { label: group }, ...fitting.map(optionOf))),
      );
      const former = chosen.get(kind);
      list.value = former && offered.includes(former) ? String(offered.indexOf(former)) : OWN;
    },
    leave() {
      chosen.set(kind, undefined);
      list.value = OWN;
    },
  };
}
