import type { Sample } from "../protocol.ts";
import { button, byId, el } from "./dom.ts";
import { CallError, calls } from "./server-calls.ts";

/** The dialog that takes the raw body of a webhook and offers the messages in it. */
export function createPayloadDialog(channelTypes: string[], onChoose: (sample: Sample) => void): void {
  const dialog = byId("payload", HTMLDialogElement);
  const type = byId("channel-type", HTMLSelectElement);
  const body = byId("payload-body", HTMLTextAreaElement);
  const found = byId("found", HTMLDivElement);
  type.append(...channelTypes.map((name) => el("option", { value: name }, name)));

  function take(sample: Sample): void {
    dialog.close();
    onChoose(sample);
  }

  async function read(): Promise<void> {
    const { found: samples, left } = await calls.readPayload({ channelType: type.value, body: body.value });
    const [only] = samples;
    if (only && samples.length === 1 && left.length === 0) return take(only);
    found.replaceChildren(
      el("p", {}, samples.length === 0 ? "There is no message in it." : "Which of these?"),
      el(
        "ul",
        {},
        ...samples.map((sample) =>
          el(
            "li",
            {},
            button(sample.title, () => take(sample), { dir: "auto" }),
          ),
        ),
      ),
      ...left.map((reason) => el("p", { class: "hint" }, reason)),
    );
  }

  byId("open-payload", HTMLButtonElement).addEventListener("click", () => {
    found.replaceChildren();
    dialog.showModal();
  });
  byId("close-payload", HTMLButtonElement).addEventListener("click", () => dialog.close());
  byId("read-payload", HTMLButtonElement).addEventListener("click", () => {
    read().catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      found.replaceChildren(el("p", { class: "fault" }, error.message));
    });
  });
}
