import { createAnswerReader } from "deskferry/sdk";
import { z } from "zod";

const text = z.string().nullish();
export const id = z.union([z.string().min(1), z.int()]).transform(String);

const history = z.array(z.object({ value: text, timestamp: z.string() }));

/** A contact, ticket or note. Properties are text, whatever their type; those without a value are left out here. */
export const crmObject = z.object({
  id,
  createdAt: text,
  updatedAt: text,
  properties: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((properties) => textsOf(properties ?? {})),
  /** Newest first; only when asked for. */
  propertiesWithHistory: z
    .record(z.string(), history)
    .nullish()
    .transform((properties) => properties ?? {}),
});
export type CrmObject = z.output<typeof crmObject>;

/** Of searches and batches. A batch leaves out what it did not find. */
export const objectList = z.object({ results: z.array(crmObject) });

/** Of one record: what it is associated with. */
export const associatedList = z.object({
  results: z.array(z.object({ toObjectId: id })),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

/** Of many records at once. */
export const associationBatch = z.object({
  results: z.array(
    z.object({ from: z.object({ id }), to: z.array(z.object({ toObjectId: id })).default([]) }),
  ),
});

const stage = z.object({
  id,
  label: z.string(),
  displayOrder: z.number().default(0),
  archived: z.boolean().nullish(),
  metadata: z.object({ ticketState: text }).nullish(),
});
export const pipelineList = z.object({
  results: z.array(
    z.object({
      id,
      label: z.string(),
      displayOrder: z.number().default(0),
      archived: z.boolean().nullish(),
      stages: z.array(stage),
    }),
  ),
});
export type Pipeline = z.output<typeof pipelineList>["results"][number];
export type Stage = Pipeline["stages"][number];

export const ownerList = z.object({ results: z.array(z.object({ id, email: text })) });
export const propertyRecord = z.object({ name: z.string(), hasUniqueValue: z.boolean().nullish() });
export const fileRecord = z.object({ id, name: text, extension: text });
export const signedUrl = z.object({ url: z.string() });

function textsOf(properties: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("HubSpot");
