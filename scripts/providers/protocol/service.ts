import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PluginInfo, type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { checkResponse, diffResponse } from "./answers";
import { without } from "./compare";
import type { EngineLog } from "./engineLog";
import { serviceError } from "./errors";
import type { Context, Existing, Failure, Props, Provider, ResourceKind } from "./provider";
import { fromStruct, toStruct } from "./values";

interface Call {
  getUrn(): string;
  getTimeout?(): number;
}

/** Implements the provider protocol for a table of resource kinds. */
export class ProviderService {
  private readonly cancel = new AbortController();

  constructor(
    private readonly provider: Provider,
    private readonly log: EngineLog,
  ) {}

  /** Ends all running operations as soon as possible. */
  cancelAll(): void {
    this.cancel.abort(new Error("cancelled"));
  }

  /** The handlers by their gRPC names. */
  methods() {
    return {
      handshake: (request: rpc.ProviderHandshakeRequest) => this.handshake(request),
      attach: (request: PluginAttach) => this.attach(request),
      getPluginInfo: () => this.pluginInfo(),
      getSchema: () => new rpc.GetSchemaResponse().setSchema("{}"),
      checkConfig: (request: rpc.CheckRequest) => this.checkConfig(request),
      diffConfig: (request: rpc.DiffRequest) => this.diffConfig(request),
      configure: (request: rpc.ConfigureRequest) => this.configure(request),
      check: (request: rpc.CheckRequest) => this.check(request),
      diff: (request: rpc.DiffRequest) => this.diff(request),
      create: (request: rpc.CreateRequest) => this.create(request),
      read: (request: rpc.ReadRequest) => this.read(request),
      update: (request: rpc.UpdateRequest) => this.update(request),
      delete: (request: rpc.DeleteRequest) => this.delete(request),
      invoke: (request: rpc.InvokeRequest) => this.invoke(request),
      cancel: () => {
        this.cancelAll();
        return new Empty();
      },
    };
  }

  private handshake(request: rpc.ProviderHandshakeRequest): rpc.ProviderHandshakeResponse {
    this.log.attach(request.getEngineAddress());
    return new rpc.ProviderHandshakeResponse();
  }

  private attach(request: PluginAttach): Empty {
    this.log.attach(request.getAddress());
    return new Empty();
  }

  private pluginInfo(): PluginInfo {
    const info = new PluginInfo();
    info.setVersion(this.provider.version);
    return info;
  }

  private checkConfig(request: rpc.CheckRequest): rpc.CheckResponse {
    const news = fromStruct(request.getNews());
    // Options of the plugin, not of the provider.
    const known = [...(this.provider.config ?? []), "version", "pluginDownloadURL"];
    return checkResponse(news, this.notImplemented(news, known));
  }

  private diffConfig(request: rpc.DiffRequest): rpc.DiffResponse {
    const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
    const news = fromStruct(request.getNews());
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const diffs = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return diffResponse({ changes: diffs.length > 0, replaces: [], diffs }, olds, news);
  }

  private async configure(request: rpc.ConfigureRequest): Promise<rpc.ConfigureResponse> {
    const variables = Object.fromEntries(
      [...request.getVariablesMap().entries()].map(([key, value]) => [
        key.slice(key.lastIndexOf(":") + 1),
        value,
      ]),
    );
    await this.provider.configure?.(variables);
    const response = new rpc.ConfigureResponse();
    response.setAcceptsecrets(false);
    response.setSupportspreview(true);
    return response;
  }

  private check(request: rpc.CheckRequest): rpc.CheckResponse {
    const kind = this.kindOf(request.getUrn());
    const news = fromStruct(request.getNews());
    const unknown = this.notImplemented(news, kind.inputs);
    if (unknown.length > 0 || !kind.check) return checkResponse(news, unknown);
    const olds = request.getOlds();
    const { inputs, failures } = kind.check(news, olds && fromStruct(olds));
    return checkResponse(inputs, failures);
  }

  private diff(request: rpc.DiffRequest): rpc.DiffResponse {
    const olds = existing(request.getOldInputs(), request.getOlds());
    const news = fromStruct(request.getNews());
    const diff = this.kindOf(request.getUrn()).diff(olds, news);
    return diffResponse(without(diff, request.getIgnorechangesList()), olds.inputs, news);
  }

  private async create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const kind = this.kindOf(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    const response = new rpc.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(toStruct(kind.preview?.(inputs) ?? inputs));
      return response;
    }
    try {
      const { id, outputs } = await kind.create(this.context(request), inputs);
      response.setId(id);
      response.setProperties(toStruct(outputs, kind.secretOutputs));
      return response;
    } catch (error) {
      throw serviceError(error, inputs, kind.secretOutputs);
    }
  }

  private async read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const kind = this.kindOf(request.getUrn());
    const state = fromStruct(request.getProperties());
    const inputs = fromStruct(request.getInputs());
    const id = request.getId();
    const found = kind.read
      ? await kind.read(this.context(request), id, state, inputs)
      : { id, inputs, outputs: state };
    const response = new rpc.ReadResponse();
    if (!found) return response;
    response.setId(found.id);
    response.setProperties(toStruct(found.outputs, kind.secretOutputs));
    response.setInputs(toStruct(found.inputs));
    return response;
  }

  private async update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const kind = this.kindOf(request.getUrn());
    const olds = existing(request.getOldInputs(), request.getOlds());
    const news = fromStruct(request.getNews());
    const promised = { ...olds.state, ...news };
    const response = new rpc.UpdateResponse();
    if (request.getPreview()) {
      response.setProperties(toStruct(kind.preview?.(news, olds) ?? promised));
      return response;
    }
    try {
      const outputs =
        (await kind.update?.(this.context(request), request.getId(), olds, news)) ?? promised;
      response.setProperties(toStruct(outputs, kind.secretOutputs));
      return response;
    } catch (error) {
      throw serviceError(error, news, kind.secretOutputs);
    }
  }

  private async delete(request: rpc.DeleteRequest): Promise<Empty> {
    const kind = this.kindOf(request.getUrn());
    await kind.delete(this.context(request), request.getId(), fromStruct(request.getProperties()));
    return new Empty();
  }

  private async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
    const run = this.provider.functions?.[request.getTok()];
    if (!run) throw new Error(this.absent(`the function ${request.getTok()}`));
    const response = new rpc.InvokeResponse();
    response.setReturn(toStruct(await run(fromStruct(request.getArgs()))));
    return response;
  }

  private kindOf(urn: string): ResourceKind {
    const types = urn.split("::")[2] ?? "";
    const token = types.slice(types.lastIndexOf("$") + 1);
    const kind = this.provider.resources[token];
    if (!kind) throw new Error(this.absent(`the resource type ${token}`));
    return kind;
  }

  private notImplemented(news: Props, known: readonly string[]): Failure[] {
    return Object.keys(news)
      .filter((key) => !known.includes(key))
      .map((key) => ({ property: key, reason: this.absent("this input") }));
  }

  private absent(what: string): string {
    return `Laterbase's embedded ${this.provider.name} provider does not implement ${what}`;
  }

  private context(call: Call): Context {
    const urn = call.getUrn();
    const seconds = call.getTimeout?.() ?? 0;
    const { signal } = this.cancel;
    let last = "";
    return {
      urn,
      name: urn.split("::").slice(3).join("::"),
      status: (message) => {
        if (message !== last) this.log.send(urn, message, "info", true);
        last = message;
      },
      log: (message, severity = "info") => this.log.send(urn, message, severity, false),
      signal: seconds > 0 ? AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]) : signal,
      timeoutSeconds: seconds > 0 ? seconds : undefined,
    };
  }
}

function existing(oldInputs: Struct | undefined, olds: Struct | undefined): Existing {
  const state = fromStruct(olds);
  return { inputs: oldInputs ? fromStruct(oldInputs) : state, state };
}
