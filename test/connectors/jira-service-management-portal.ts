import {
  DESK,
  type Desk,
  FIELDS,
  type Issue,
  ORGANIZATION,
  PROJECT,
  REQUEST_TYPE,
  type StoredComment,
} from "./jira-service-management-desk.ts";
import type { Answer, JiraOptions, Routes } from "./jira-service-management-server.ts";
import { requestShown } from "./jira-service-management-shown.ts";

export interface Site {
  desk: Desk;
  options: JiraOptions;
  now(): number;
  comment(issue: Issue, given: Partial<StoredComment>): Promise<StoredComment>;
  setStatus(issue: Issue, status: string, author: string): Promise<void>;
  address(): string;
}

const ROOT = "/rest/servicedeskapi";
const PROPERTY = new RegExp(`^${ROOT}/organization/([^/]+)/property/([^/]+)$`);
const TYPES = [
  { id: REQUEST_TYPE, name: "WhatsApp" },
  { id: "26", name: "Street lights" },
];

function refused(status: number, errorMessage: string): Answer {
  return { status, body: { errorMessage, i18nErrorMessage: { i18nKey: "sd.error", parameters: [] } } };
}

function page(values: unknown[], query: URLSearchParams): Answer {
  const start = Number(query.get("start") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const shown = values.slice(start, start + limit);
  const isLastPage = start + limit >= values.length;
  return { status: 200, body: { size: shown.length, start, limit, isLastPage, values: shown } };
}

/** What is below /rest/servicedeskapi. */
export function portalRoutes({ desk, options, address }: Site): Routes {
  const form = options.form ?? [FIELDS.ticket, FIELDS.person];
  const required = options.required ?? [];
  const desks = new RegExp(`^${ROOT}/servicedesk/([^/]+)$`);
  const types = new RegExp(`^${ROOT}/servicedesk/([^/]+)/requesttype$`);
  const fields = new RegExp(`^${ROOT}/servicedesk/([^/]+)/requesttype/([^/]+)/field$`);
  const files = new RegExp(`^${ROOT}/request/([^/]+)/comment/([^/]+)/attachment$`);
  const noOrganization = refused(404, "The organization does not exist.");

  function create(json: Record<string, unknown>): Answer {
    const values = json["requestFieldValues"] as Record<string, unknown>;
    const type = TYPES.find(({ id }) => id === json["requestTypeId"]);
    if (json["serviceDeskId"] !== DESK || !type) return refused(400, "The request type does not exist.");
    const foreign = Object.keys(values).filter((name) => name !== "summary" && !form.includes(name));
    const errors = [
      ...foreign.map((name) => `The field '${name}' is not valid for this request type '${type.name}'.`),
      ...["summary", ...required]
        .filter((name) => !values[name])
        .map((name) => `The field '${name}' is required.`),
    ];
    if (errors.length > 0)
      return refused(400, `Unable to to create request because of theses errors : ${errors.join(" ")}`);
    const issue = desk.addIssue({ ...values, requestType: type.name });
    return { status: 201, body: requestShown(issue, address()) };
  }

  return [
    ["POST", new RegExp(`^${ROOT}/request$`), ({ json }) => create(json)],
    [
      "GET",
      desks,
      (_, [id]) =>
        id === DESK
          ? { status: 200, body: { id, projectId: "10001", projectName: "WhatsApp", projectKey: PROJECT } }
          : refused(404, "The service desk does not exist."),
    ],
    ["GET", types, ({ query }) => page(TYPES, query)],
    [
      "GET",
      fields,
      () => ({
        status: 200,
        body: {
          canRaiseOnBehalfOf: true,
          requestTypeFields: ["summary", ...form, ...required].map((fieldId) => ({
            fieldId,
            name: `Name of ${fieldId}`,
            required: fieldId === "summary" || required.includes(fieldId),
          })),
        },
      }),
    ],
    [
      "GET",
      new RegExp(`^${ROOT}/organization/([^/]+)$`),
      (_, [id]) => (id === ORGANIZATION ? { status: 200, body: { id, name: "WhatsApp" } } : noOrganization),
    ],
    [
      "PUT",
      PROPERTY,
      ({ json }, [organization, key = ""]) => {
        if (organization !== ORGANIZATION) return noOrganization;
        if (key.length > 255) return refused(400, "The property key is too long.");
        const status = desk.properties.has(key) ? 200 : 201;
        desk.properties.set(key, json);
        return { status };
      },
    ],
    [
      "GET",
      PROPERTY,
      (_, [organization, key = ""]) => {
        const value = organization === ORGANIZATION ? desk.properties.get(key) : undefined;
        return value ? { status: 200, body: { key, value } } : refused(404, "The property does not exist.");
      },
    ],
    [
      "GET",
      files,
      ({ query }, [key = "", id]) => {
        const comment = desk.issueOf(key)?.comments.find((one) => one.id === id);
        if (!comment) return refused(404, "The comment does not exist.");
        const shown = comment.files.map((file) => ({
          filename: file.filename,
          size: file.bytes.length,
          mimeType: file.mimeType,
          _links: {
            jiraRest: `${address()}/rest/api/2/attachment/${file.id}`,
            content: `${address()}/secure/attachment/${file.id}/${encodeURIComponent(file.filename)}`,
          },
        }));
        return page(shown, query);
      },
    ],
  ];
}
