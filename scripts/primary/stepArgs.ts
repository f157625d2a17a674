import { applicationLogins, formerOwner, restoreRoleBeside } from "../../contract/names";
import { controlled, imageBuild } from "../../contract/pgControl";
import { hbaBlock, hbaMarkers, hbaNetworks, hbaRules, identBlock, socketRule } from "./hba";
import { imageExtensions, imageLibraries } from "./imageFacts";
import { imageLocales } from "./imageLocales";
import type { OwnerRecord } from "./observe/observation";
import { type Reader, type ReaderKind, readerKinds, readersBeside } from "./readers";
import { applicationRefusals } from "./applicationRefusals";
import { refusals } from "./refusals";
import type { PrimarySettings, StepName, StepValues } from "./settings";

/** What the SQL of a step reads as `laterbase.args`. */
export function stepArgs(step: StepName, settings: PrimarySettings, values: StepValues) {
  const { slots = [], slot, verifier, size, allowFrom = [], pooled = 0, restores = false } = values;
  const { stack, role, version } = settings;
  const all = readersBeside(role, version);
  const has = (kind: ReaderKind) => values[kind] === true;
  const restoreRole = restoreRoleBeside(role);
  const letIn = byPassword.filter(has).map((kind) => all[kind].role);
  const former = formerOwner(stack);
  const formerBlock = hbaMarkers(former ?? stack);
  const rules = hbaRules(role, allowFrom, restores ? [...letIn, restoreRole] : letIn);
  const socket = has("backups") ? socketRule(all.backups.role) : undefined;
  // To observe and to remove, a role is named even when the stack has none now.
  const named = readerKinds.filter(
    (kind) => has(kind) || ["role", kind, "application", "observe"].includes(step),
  );
  return {
    owner: stack,
    // As earlier releases recorded the same owner: its things are taken over.
    ...(former ? { former } : {}),
    role,
    readers: Object.fromEntries(named.map((kind) => [kind, all[kind]])),
    ...(step === "observe" ? { restoreRole } : {}),
    version,
    refusals: {
      ...refusals(stack, `${settings.host}:${settings.port}`),
      ...(values.application ? applicationRefusals(values.application) : {}),
    },
    ...hbaMarkers(stack),
    formerFirst: formerBlock.first,
    formerLast: formerBlock.last,
    slots,
    standbys: slots.length,
    ...(step === "preflight" ? { pooled, ...preflightArgs(settings, values) } : {}),
    ...(step === "observe" && values.login ? { login: values.login } : {}),
    ...(values.parameters ? { parameters: values.parameters } : {}),
    ...(step === "slot" ? { slot } : {}),
    ...(step === "amcheck" ? { standby: values.standby } : {}),
    // Its removal also removes what other steps left behind, and does not list what is gone already.
    ...(step === "role" ? { sweep: true, verifier, made: replicating(role) } : {}),
    ...(step === "dumps" || step === "pgAdmin" || step === "health"
      ? { verifier, made: reading(all[step]) }
      : {}),
    ...(heartbeat(step, values) ? { heartbeat: true } : {}),
    ...(values.application
      ? { verifier, application: values.application, logins: applicationLogins }
      : {}),
    ...(values.applications
      ? { applications: values.applications, logins: applicationLogins }
      : {}),
    // Without a password nobody gets in by one.
    ...(step === "backups" ? { made: reading(all.backups) } : {}),
    ...(step === "slotWalLimit" ? { size } : {}),
    ...(step === "hba" ? { recorded: recorded({ ...values, restores }) } : {}),
    block: hbaBlock(stack, socket ? [...rules, socket] : rules, role),
    ...(socket ? { socket, identBlock: identBlock(stack, socket) } : {}),
    networks: hbaNetworks(allowFrom),
    rules,
  };
}

/** Those that connect over TCP. */
const byPassword: ReaderKind[] = ["dumps", "pgAdmin", "health"];

/** Whether the monitor has a heartbeat on the primary. Nothing is written on one that Laterbase does not run. */
function heartbeat(step: StepName, { managed = false, health = false }: StepValues): boolean {
  return managed && (step === "health" || (step === "observe" && health));
}

/** A role to make, which replicates. */
function replicating(name: string) {
  return { name, replicates: true, bypassesPolicies: false, connections: -1 };
}

/** A role to make, which reads. */
function reading({ role: name, bypassesPolicies, connections }: Reader) {
  return { name, replicates: false, bypassesPolicies, connections };
}

/** Which roles the block in pg_hba.conf lets in, as the record says it. */
function recorded({ dumps, pgAdmin, backups, health, restores }: StepValues): Partial<OwnerRecord> {
  return {
    ...(dumps ? { hbaDumps: true } : {}),
    ...(pgAdmin ? { hbaPgAdmin: true } : {}),
    ...(backups ? { hbaBackups: true } : {}),
    ...(health ? { hbaHealth: true } : {}),
    ...(restores ? { hbaRestore: true } : {}),
  };
}

/** What the primary is compared with. */
function preflightArgs({ version }: PrimarySettings, values: StepValues) {
  const { size = "10GB", tablespaces = {}, databases = {}, managed = false } = values;
  const image = {
    build: imageBuild(version),
    least: controlled("least").map(({ name }) => name),
    extensions: imageExtensions(version),
    libraries: imageLibraries(version),
    locales: imageLocales(),
  };
  return { size, tablespaces, databases, managed, report: values.report ?? false, image };
}
