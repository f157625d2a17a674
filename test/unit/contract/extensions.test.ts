import { mainExtension, readExtensions } from "../../../contract/extensions";

const file = `postgis postgresql-17-postgis-3 address_standardizer postgis postgis_raster 
pgvector postgresql-17-pgvector vector 
cron postgresql-17-cron pg_cron 
plpgsql_check postgresql-17-plpgsql-check plpgsql_check 
wal2json postgresql-17-wal2json 
`;

it("reads what an image has, and nothing where it has none", () => {
  expect(readExtensions(file)[0]).toEqual({
    name: "postgis",
    package: "postgresql-17-postgis-3",
    extensions: ["address_standardizer", "postgis", "postgis_raster"],
  });
  expect(readExtensions(file)).toHaveLength(5);
  expect(readExtensions(undefined)).toEqual([]);
});

it("finds the extension that a package's name means", () => {
  expect(readExtensions(file).map(mainExtension)).toEqual([
    ...["postgis", "vector", "pg_cron", "plpgsql_check", undefined],
  ]);
  const several = {
    name: "pg-track-settings",
    package: "x",
    extensions: ["a", "pg_track_settings"],
  };
  expect(mainExtension(several)).toBe("pg_track_settings");
  expect(mainExtension({ ...several, extensions: ["a", "b"] })).toBeUndefined();
});
