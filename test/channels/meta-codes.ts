import type { SendAction } from "../../src/sdk/index.ts";

/** No error of Meta's list has this code. */
export const UNKNOWN_CODE = 139_999;

const permissions = Array.from({ length: 100 }, (_, index) => 200 + index);

/** Meta's codes by the action that each must take, written from its list and not from our table. */
export const metaCodes: Record<SendAction, number[]> = {
  stop_channel: [
    ...[0, 3, 10, 190, ...permissions, 131005, 368, 131031, 131042, 134011],
    ...[131037, 131045, 133000, 133005, 133006, 133008, 133009, 133010],
  ],
  retry: [4, 80007, 130429, 133016, 132069, 133015, 134101],
  pace_person: [131056],
  await_receipt: [1, 2, 131000, 131016, 131057, 133004],
  use_template: [131047],
  wait_a_day: [131049],
  mark_person: [131026, 131021, 131030, 131050, 130403, 131062, 137000, 130497, 130472],
  stop_template: [132007, 132015, 132016],
  dead_letter: [
    ...[131048, 131064, 132000, 132001, 132005, 132008, 132012, 132018, 132068],
    ...[33, 100, 131008, 131009, 131051, 131055, 131060, 134100, 134102, 135000],
    ...[131014, 131020, 131035, 131036],
  ],
  drop_file: [131052, 131053],
  unknown: [UNKNOWN_CODE],
};
