/** Models of Odoo as far as the connector meets them, by Odoo's sources: `kind[:other model][!]`, `!` for what must be given. */
export type Application = "helpdesk" | "oca-helpdesk" | "project";

interface Shape {
  model: string;
  queue: [field: string, model: string];
  stage: [model: string, queues: string];
  tag: string;
  stageTime: string;
  assignee: [name: string, kind: string];
  more: Record<string, string>;
}

export const shapes: Record<Application, Shape> = {
  helpdesk: {
    model: "helpdesk.ticket",
    queue: ["team_id", "helpdesk.team"],
    stage: ["helpdesk.stage", "team_ids"],
    tag: "helpdesk.tag",
    stageTime: "date_last_stage_update",
    assignee: ["user_id", "many2one:res.users"],
    more: { description: "html", priority: "selection:0,1,2,3" },
  },
  "oca-helpdesk": {
    model: "helpdesk.ticket",
    queue: ["team_id", "helpdesk.ticket.team"],
    stage: ["helpdesk.ticket.stage", "team_ids"],
    tag: "helpdesk.ticket.tag",
    stageTime: "last_stage_update",
    assignee: ["user_id", "many2one:res.users"],
    more: { description: "html!", priority: "selection:0,1,2,3" },
  },
  project: {
    model: "project.task",
    queue: ["project_id", "project.project"],
    stage: ["project.task.type", "project_ids"],
    tag: "project.tags",
    stageTime: "date_last_stage_update",
    assignee: ["user_ids", "many2many:res.users"],
    more: {
      description: "html",
      priority: "selection:0,1",
      date_deadline: "datetime",
      state: "selection:01_in_progress,02_changes_requested,03_approved,04_waiting_normal,1_done,1_canceled",
    },
  },
};

const log = { create_date: "datetime", create_uid: "many2one:res.users" };

export function modelsOf(application: Application): Record<string, Record<string, string>> {
  const { model, queue, stage, tag, stageTime, assignee, more } = shapes[application];
  return {
    [model]: {
      ...log,
      ...more,
      name: "char!",
      active: "boolean",
      partner_id: "many2one:res.partner",
      stage_id: `many2one:${stage[0]}`,
      tag_ids: `many2many:${tag}`,
      [queue[0]]: `many2one:${queue[1]}`,
      [stageTime]: "datetime",
      [assignee[0]]: assignee[1],
      x_deskferry_id: "char",
      x_district: "char",
    },
    [queue[1]]: { name: "char!" },
    [stage[0]]: { name: "char!", sequence: "integer", [stage[1]]: `many2many:${queue[1]}` },
    [tag]: { name: "char!" },
    "res.partner": {
      ...log,
      name: "char!",
      active: "boolean",
      phone: "char",
      phone_sanitized: "char",
      email: "char",
      lang: "char",
      company_name: "char",
      is_company: "boolean",
      partner_share: "boolean",
      x_deskferry_id: "char",
      x_vip: "boolean",
    },
    "res.users": {
      login: "char!",
      name: "char",
      email_formatted: "char",
      partner_id: "many2one:res.partner",
    },
    "mail.message.subtype": { name: "char!", internal: "boolean" },
    "mail.message": {
      ...log,
      model: "char",
      res_id: "integer",
      date: "datetime",
      message_type: "selection:email,comment,email_outgoing,notification,auto_comment,user_notification",
      body: "html",
      subtype_id: "many2one:mail.message.subtype",
      is_internal: "boolean",
      author_id: "many2one:res.partner",
      email_from: "char",
      message_id: "char",
      attachment_ids: "many2many:ir.attachment",
    },
    "ir.attachment": {
      ...log,
      name: "char!",
      type: "selection:url,binary",
      mimetype: "char",
      file_size: "integer",
      datas: "binary",
      res_model: "char",
      res_id: "integer",
    },
    "res.lang": { code: "char!", name: "char!" },
  };
}
