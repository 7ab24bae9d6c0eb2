import type { Row } from "./salesforce-soql.ts";

/** What an organisation holds, and its rules: required and unknown fields, lengths, unique values, transactions. */
export const OWN_USER = "0055g00000AAAAAAA0";
export const AGENT = "0055g00000BBBBBAA1";
export const VISITOR = "0055g00000CCCCCAA2";
export const FLOW = "0055g00000DDDDDAA3";
export const QUEUE = { id: "00G5g00000EEEEEAA4", name: "Street lights", developerName: "Street_Lights" };
export const ACCOUNT = "0015g00000FFFFFAA5";
export const OTHER_ACCOUNT = "0015g00000GGGGGAA6";

export interface OrgOptions {
  now?: () => number;
  /** Values of Case Status. */
  statuses?: string[];
  tracksStatus?: boolean;
  /** Custom fields of cases. */
  caseFields?: string[];
  /** A flow that sets the status of every case that somebody changes. */
  flowSetsStatus?: string;
}

export interface Refused {
  statusCode: string;
  message: string;
  fields: string[];
}
export class Refusal extends Error {
  readonly fault: Refused;
  constructor(fault: Refused) {
    super(fault.statusCode);
    this.fault = fault;
  }
}
const refuse = (statusCode: string, message: string, fields: string[] = []): never => {
  throw new Refusal({ statusCode, message, fields });
};

const prefixes: Record<string, string> = {
  Contact: "003",
  Case: "500",
  CaseComment: "00a",
  CaseHistory: "017",
  Deskferry_Message__c: "a00",
  ContentVersion: "068",
  ContentDocument: "069",
  ContentDocumentLink: "06A",
};
const system = ["Id", "CreatedById", "CreatedDate", "SystemModstamp"];
const fieldsOf: Record<string, string[]> = {
  Contact: ["FirstName", "LastName", "MobilePhone", "Email", "AccountId", "Deskferry_Id__c", "Ward__c"],
  Case: ["Subject", "Description", "Status", "Priority", "Origin", "OwnerId", "ContactId", "Deskferry_Id__c"],
  CaseComment: ["ParentId", "CommentBody", "IsPublished"],
  Deskferry_Message__c: ["Deskferry_Id__c", "Case__c"],
  ContentVersion: ["Title", "PathOnClient", "VersionData", "ContentDocumentId"],
  ContentDocumentLink: ["ContentDocumentId", "LinkedEntityId", "ShareType", "Visibility"],
};
const longest: Record<string, number> = {
  FirstName: 40,
  LastName: 80,
  Subject: 255,
  Description: 32_000,
  Title: 255,
};
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function createOrg(options: OrgOptions = {}) {
  const { now = Date.now, tracksStatus = true, caseFields = [] } = options;
  const statuses = options.statuses ?? ["New", "Working", "Escalated", "Closed"];
  const tables: Record<string, Row[]> = Object.fromEntries(Object.keys(prefixes).map((name) => [name, []]));
  tables["User"] = [
    {
      Id: OWN_USER,
      Name: "Deskferry",
      Username: "deskferry@acme.example.org",
      UserType: "Standard",
      IsActive: true,
    },
    { Id: AGENT, Name: "Ann Agent", Username: "ann@acme.example.org", UserType: "Standard", IsActive: true },
    {
      Id: VISITOR,
      Name: "Vic Visitor",
      Username: "vic@example.net",
      UserType: "CspLitePortal",
      IsActive: true,
    },
    {
      Id: FLOW,
      Name: "Automated Process",
      Username: "auto@acme",
      UserType: "AutomatedProcess",
      IsActive: true,
    },
  ];
  tables["QueueSobject"] = [
    {
      QueueId: QUEUE.id,
      SobjectType: "Case",
      Queue: { Id: QUEUE.id, Name: QUEUE.name, DeveloperName: QUEUE.developerName },
    },
  ];
  tables["CaseStatus"] = statuses.map((name) => ({ ApiName: name, MasterLabel: name }));
  tables["FieldDefinition"] = [
    {
      QualifiedApiName: "Status",
      EntityDefinition: { QualifiedApiName: "Case" },
      IsFieldHistoryTracked: tracksStatus,
    },
  ];
  let serial = 0;
  /** Records of one request have one number. */
  let transaction = 0;

  const table = (name: string) =>
    tables[name] ?? refuse("INVALID_TYPE", `sObject type '${name}' is not supported.`);
  const byId = (name: string, id: unknown) =>
    table(name).find((row) => String(row["Id"]).slice(0, 15) === String(id).slice(0, 15));
  const time = () => new Date(Math.floor(now() / 1000) * 1000).toISOString().replace("Z", "+0000");

  function newId(object: string): string {
    let number = ++serial;
    let digits = "";
    while (digits.length < 7) {
      digits = `${BASE62[number % 62]}${digits}`;
      number = Math.floor(number / 62);
    }
    return `${prefixes[object]}5g000${digits}AAA`;
  }

  const columnsOf = (object: string) => [
    ...(fieldsOf[object] ?? []),
    ...(object === "Case" ? caseFields : []),
  ];

  function checked(object: string, { attributes: _, ...given }: Row): Row {
    const unknown = Object.keys(given).find((name) => !columnsOf(object).includes(name));
    if (unknown) refuse("INVALID_FIELD", `No such column '${unknown}' on sobject of type ${object}`);
    for (const [name, value] of Object.entries(given)) mustFit(name, String(value));
    return Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]),
    );
  }

  /** The text of a comment is measured in bytes, and a refusal repeats it. */
  function mustFit(name: string, value: string) {
    const most = name === "CommentBody" ? 4_000 : (longest[name] ?? 131_072);
    const size = name === "CommentBody" ? Buffer.byteLength(value) : value.length;
    if (size > most)
      refuse("STRING_TOO_LONG", `${name}: data value too large: ${value} (max length=${most})`, [name]);
  }

  function mustHave(row: Row, names: string[]) {
    const missing = names.filter((name) => row[name] === undefined || row[name] === null || row[name] === "");
    if (missing.length > 0) {
      refuse("REQUIRED_FIELD_MISSING", `Required fields are missing: [${missing.join(", ")}]`, missing);
    }
  }

  function mustBeThere(object: string, id: unknown, field: string) {
    if (!/^\w{15,18}$/.test(String(id))) {
      refuse("MALFORMED_ID", `${field}: id value of incorrect type: ${id}`, [field]);
    }
    if (!byId(object, id)) refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
  }

  function mustBeUnique(object: string, row: Row) {
    const wanted = row["Deskferry_Id__c"];
    if (wanted === undefined) return;
    const same = (left: unknown) =>
      object === "Deskferry_Message__c"
        ? String(left).toLowerCase() === String(wanted).toLowerCase()
        : left === wanted;
    const other = table(object).find((each) => same(each["Deskferry_Id__c"]) && each["Id"] !== row["Id"]);
    if (!other) return;
    const place = `Deskferry_Id__c duplicates value on record with id: ${other["Id"]}`;
    refuse("DUPLICATE_VALUE", `duplicate value found: ${place}`, []);
  }

  const rules: Record<string, (row: Row) => void> = {
    Contact(row) {
      mustHave(row, ["LastName"]);
      if (![undefined, ACCOUNT, OTHER_ACCOUNT].includes(row["AccountId"] as string | undefined)) {
        refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
      }
    },
    Case(row) {
      row["Status"] ??= statuses[0];
      row["OwnerId"] ??= OWN_USER;
      if (row["ContactId"]) mustBeThere("Contact", row["ContactId"], "ContactId");
      const owner = String(row["OwnerId"]);
      const isOwner = owner === QUEUE.id || byId("User", owner) !== undefined;
      if (!isOwner) refuse("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ["OwnerId"]);
    },
    CaseComment(row) {
      mustHave(row, ["ParentId"]);
      mustBeThere("Case", row["ParentId"], "ParentId");
      row["IsPublished"] ??= false;
    },
    Deskferry_Message__c(row) {
      mustHave(row, ["Case__c"]);
      mustBeThere("Case", row["Case__c"], "Case__c");
    },
    ContentDocumentLink(row) {
      mustHave(row, ["ContentDocumentId", "LinkedEntityId", "ShareType"]);
      mustBeThere("ContentDocument", row["ContentDocumentId"], "ContentDocumentId");
      mustBeThere("Case", row["LinkedEntityId"], "LinkedEntityId");
    },
    ContentVersion(row) {
      mustHave(row, ["PathOnClient", "VersionData"]);
      const FileExtension = /\.(\w{1,10})$/.exec(String(row["PathOnClient"]))?.[1] ?? null;
      const document = { Id: newId("ContentDocument"), Title: row["Title"], FileExtension };
      table("ContentDocument").push(document);
      row["ContentDocumentId"] = document.Id;
    },
  };

  function insert(object: string, given: Row, actor: string): Row {
    const row = checked(object, given);
    rules[object]?.(row);
    mustBeUnique(object, row);
    const stamps = { CreatedById: actor, CreatedDate: time(), SystemModstamp: time() };
    const made = { ...row, Id: newId(object), ...stamps, transaction };
    table(object).push(made);
    const document =
      object === "ContentVersion" ? byId("ContentDocument", row["ContentDocumentId"]) : undefined;
    if (document) document["LatestPublishedVersionId"] = made.Id;
    return made;
  }

  function update(object: string, row: Row, given: Row, actor: string): Row {
    const before = row["Status"];
    const changes = checked(object, given);
    rules[object]?.({ ...row, ...changes });
    mustBeUnique(object, { ...row, ...changes });
    Object.assign(row, changes, { SystemModstamp: time() });
    if (object !== "Case") return row;
    if (options.flowSetsStatus) row["Status"] = options.flowSetsStatus;
    if (tracksStatus && row["Status"] !== before) {
      const history = { Field: "Status", OldValue: before, NewValue: row["Status"], CaseId: row["Id"] };
      const stamps = { CreatedById: actor, CreatedDate: time() };
      table("CaseHistory").push({ ...history, ...stamps, Id: newId("CaseHistory") });
    }
    return row;
  }

  /** All or none: what was written before the first refusal is taken back. */
  function inTransaction<T>(work: () => T): T {
    const kept = Object.entries(tables).map(
      ([name, rows]) => [name, rows.map((row) => ({ ...row }))] as const,
    );
    transaction++;
    try {
      return work();
    } catch (error) {
      for (const [name, rows] of kept) tables[name]?.splice(0, Number.POSITIVE_INFINITY, ...rows);
      throw error;
    }
  }

  /** With what SOQL reaches through a relation. */
  function related(row: Row): Row {
    const creator = byId("User", row["CreatedById"]);
    const parent = byId("Case", row["ParentId"] ?? row["CaseId"]);
    const document = byId("ContentDocument", row["ContentDocumentId"]);
    const owner = String(row["OwnerId"] ?? "");
    return {
      ...row,
      ...(creator ? { CreatedBy: creator } : {}),
      ...(document ? { ContentDocument: document } : {}),
      ...(parent ? { Parent: related(parent), Case: related(parent) } : {}),
      ...(owner ? { Owner: owner === QUEUE.id ? { Name: QUEUE.name } : byId("User", owner) } : {}),
    };
  }

  return {
    tables,
    table,
    byId,
    insert,
    update,
    inTransaction,
    related,
    isKnown: (object: string, field: string) =>
      !(object in fieldsOf) || [...system, ...columnsOf(object)].includes(field),
    columnsOf,
    now,
  };
}
