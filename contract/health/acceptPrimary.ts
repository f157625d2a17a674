/** A cluster as its server says it. */
export interface Cluster {
  systemIdentifier: string;
  timeline: number;
}

/** The check of whether the primary is the cluster that the stack knows. */
export const clusterCheckName = "cluster";

/** What became of the wish to accept the cluster that the primary is now. */
export interface PrimaryAcceptance {
  /** As the monitor saw it last. */
  seen: Cluster;
  /** False: it is the one that the monitor knows already. */
  accepted: boolean;
}

export const isSameCluster = (one: Cluster, other: Cluster): boolean =>
  one.systemIdentifier === other.systemIdentifier && one.timeline === other.timeline;
