import { controlled, controlParameters, imageBuild } from "../../../contract/pgControl";
import { controlFile } from "../../../scripts/npm/controlFile";

it("knows how the images are built", () => {
  expect(imageBuild(17)).toEqual({
    catalog_version_no: 202406281,
    little_endian: true,
    max_data_alignment: 8,
    database_block_size: 8192,
    blocks_per_segment: 131072,
    wal_block_size: 8192,
    max_identifier_length: 64,
    max_index_columns: 32,
    max_toast_chunk_size: 1996,
    large_object_chunk_size: 2048,
    float8_pass_by_value: true,
  });
  expect(imageBuild(13)["catalog_version_no"]).toBe(202007201);
});

it("names each parameter and each line of pg_controldata once", () => {
  const names = controlParameters.map(({ name }) => name);
  const lines = controlParameters.flatMap(({ line }) => line ?? []);
  expect([new Set(names).size, new Set(lines).size]).toEqual([names.length, lines.length]);
});

it("gives the image the settings that a standby takes from its primary, each with its line", () => {
  const list = (name: string) =>
    new RegExp(`^${name}=\\(\n([^]*?)\n\\)`, "m").exec(controlFile())![1]!.split("\n");
  const settings = list("MINIMUM_SETTINGS").map((line) => line.trim());
  expect(settings).toEqual(controlled("least").map(({ name }) => name));
  expect(settings).toEqual(expect.arrayContaining(["max_worker_processes", "max_wal_senders"]));
  expect(list("CONTROL_LINES")).toHaveLength(settings.length);
});
