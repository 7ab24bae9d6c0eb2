import type { Settings } from "./settings.ts";

/** How tickets are kept in one of Odoo's applications. Names of models and fields are Odoo's own. */
export interface Application {
  /** Model of the tickets. */
  model: string;
  /** Field of a ticket that leads to its team or project, and the model of those. */
  queue: { field: string; model: string };
  /** Field of a ticket for who takes care of it. */
  assignee: { field: string; takesSeveral: boolean };
  /** Model of the stages, and their field that lists the teams or projects that have them; by none, it may serve all. */
  stage: { model: string; queues: string; servesAll: boolean };
  tagModel: string;
  /** Field of a ticket that says, whatever its stage, that it is done or given up. */
  state?: { field: string; inProgress: string; done: string; givenUp: string };
  /** Field of a ticket with the time of its last change of stage or state. */
  stageTime: string;
  /** Field of a ticket until when it is to be solved. */
  due?: string;
}

const applications: Record<Settings["application"], Application> = {
  helpdesk: {
    model: "helpdesk.ticket",
    queue: { field: "team_id", model: "helpdesk.team" },
    assignee: { field: "user_id", takesSeveral: false },
    stage: { model: "helpdesk.stage", queues: "team_ids", servesAll: false },
    tagModel: "helpdesk.tag",
    stageTime: "date_last_stage_update",
  },
  "oca-helpdesk": {
    model: "helpdesk.ticket",
    queue: { field: "team_id", model: "helpdesk.ticket.team" },
    assignee: { field: "user_id", takesSeveral: false },
    stage: { model: "helpdesk.ticket.stage", queues: "team_ids", servesAll: true },
    tagModel: "helpdesk.ticket.tag",
    stageTime: "last_stage_update",
  },
  project: {
    model: "project.task",
    queue: { field: "project_id", model: "project.project" },
    assignee: { field: "user_ids", takesSeveral: true },
    // Those of no project are somebody's personal ones.
    stage: { model: "project.task.type", queues: "project_ids", servesAll: false },
    tagModel: "project.tags",
    state: { field: "state", inProgress: "01_in_progress", done: "1_done", givenUp: "1_canceled" },
    stageTime: "date_last_stage_update",
    due: "date_deadline",
  },
};

export function applicationOf({ application }: Pick<Settings, "application">): Application {
  return applications[application];
}

/** Where staff see a record, in every version. */
export function addressOf({ url }: Pick<Settings, "url">, model: string, id: string): string {
  return `${url}/mail/view?model=${encodeURIComponent(model)}&res_id=${encodeURIComponent(id)}`;
}
