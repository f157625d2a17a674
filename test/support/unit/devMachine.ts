import { parse, stringify } from "yaml";
import { Machine } from "./machine";

/** Where stack dev is, below HOME. */
export const data = ".local/share/laterbase";
export const stateFile = `${data}/state/.pulumi/stacks/laterbase/dev.json`;
export const ask = 'need_state dev; echo "$PULUMI_BACKEND_URL"; echo "${config_args[*]}"';

/** A state as Pulumi writes it, which a test can tell from others. */
export const state = (what: string) =>
  JSON.stringify({ version: 3, checkpoint: { stack: what, latest: { resources: [] } } });

/** A machine with a Pulumi that makes stack dev. */
export class DevMachine extends Machine {
  constructor() {
    super();
    this.stub(
      "pulumi",
      `if [ "$1 $2 $3" = "stack init dev" ]; then
        [ ! -e index.ts ] || exit 1 # not in the checkout
        grep -qs encryptionsalt Pulumi.dev.yaml || echo "encryptionsalt: v1:salt" >>Pulumi.dev.yaml
        mkdir -p "$HOME/${data}/state/.pulumi/stacks/laterbase"
        echo '${state("fresh")}' >"$HOME/${stateFile}"
      fi`,
    );
    this.write("index.ts", "");
  }

  /** The stack file that Pulumi gets. */
  merged(): Record<string, unknown> {
    return parse(this.read(`${data}/Pulumi.dev.yaml`)) as Record<string, unknown>;
  }

  /** Writes the checkout's stack file. */
  tracked(config: string): void {
    this.write("Pulumi.dev.yaml", `config:\n${config}`);
  }

  /** Writes the stack file that Pulumi gets. */
  keep(text: string): void {
    this.bash(`cat >"$data_dir/Pulumi.dev.yaml" <<'END'\n${text}END`);
  }

  /** Changes it as `config set` and `config rm` do. */
  set(change: (config: any) => void): void {
    const { config, ...rest } = this.merged();
    change(config);
    this.keep(stringify({ ...rest, config }));
  }
}
