package io.portolan.sim.kube;

import io.portolan.sim.kube.schema.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The built-in resources with their list types, from the {@code +listType}, {@code +patchMergeKey}
 * and {@code +structType} markers of k8s.io/api.
 */
final class BuiltInTypes {
  private static final String[] METADATA = {
    "metadata.ownerReferences[uid]", "metadata.finalizers[*]"
  };

  private static final String[] POD = {
    "spec.containers[name]",
    "spec.containers[].ports[containerPort,protocol]",
    "spec.containers[].env[name]",
    "spec.containers[].volumeMounts[mountPath]",
    "spec.initContainers[name]",
    "spec.initContainers[].ports[containerPort,protocol]",
    "spec.initContainers[].env[name]",
    "spec.initContainers[].volumeMounts[mountPath]",
    "spec.volumes[name]",
    "spec.imagePullSecrets[name]",
    "spec.hostAliases[ip]",
    "spec.nodeSelector!",
    "spec.topologySpreadConstraints[topologyKey,whenUnsatisfiable]",
    "status.conditions[type]",
    "status.podIPs[ip]"
  };

  private static final String[] POD_STRATEGIC = {
    "spec.containers[name]",
    "spec.containers[].ports[containerPort]",
    "spec.containers[].env[name]",
    "spec.containers[].volumeMounts[mountPath]",
    "spec.initContainers[name]",
    "spec.initContainers[].ports[containerPort]",
    "spec.initContainers[].env[name]",
    "spec.initContainers[].volumeMounts[mountPath]",
    "spec.volumes[name]",
    "spec.imagePullSecrets[name]",
    "spec.hostAliases[ip]",
    "spec.topologySpreadConstraints[topologyKey]",
    "status.conditions[type]",
    "status.podIPs[ip]",
    "status.hostIPs[ip]"
  };

  private BuiltInTypes() {}

  static List<ResourceType> all() {
    Shape policy = shape("spec.podSelector!", "spec.policyTypes!", "spec.ingress!", "spec.egress!");
    return List.of(
        core("Pod", "pods")
            .names("po")
            .status()
            .generation()
            .shapes(shape(POD), shape(POD_STRATEGIC)),
        core("Node", "nodes")
            .names("no")
            .cluster()
            .status()
            .shapes(
                shape("spec.podCIDRs[*]", "status.conditions[type]", "status.addresses[type]"),
                shape(
                    "spec.podCIDRs[*]",
                    "spec.taints[key]",
                    "status.conditions[type]",
                    "status.addresses[type]")),
        core("Namespace", "namespaces")
            .names("ns")
            .cluster()
            .status()
            .shapes(shape("status.conditions[type]")),
        core("Service", "services")
            .names("svc")
            .status()
            .shapes(
                shape("spec.ports[port,protocol]", "spec.selector!", "status.conditions[type]"),
                shape("spec.ports[port]", "status.conditions[type]")),
        core("Endpoints", "endpoints").names("ep").upsert().shapes(shape()),
        core("Event", "events")
            .names("ev")
            .upsert()
            .shapes(shape("involvedObject!", "related!"), shape()),
        core("ConfigMap", "configmaps").names("cm").shapes(shape()),
        core("Secret", "secrets").shapes(shape()),
        core("ServiceAccount", "serviceaccounts").names("sa").shapes(shape("secrets[name]")),
        of("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
            .names("netpol")
            .generation()
            .shapes(policy, shape()),
        of("apps", "v1", "DaemonSet", "daemonsets")
            .names("ds")
            .status()
            .generation()
            .shapes(shape()),
        of("coordination.k8s.io", "v1", "Lease", "leases").upsert().shapes(shape()),
        of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
            .generation()
            .shapes(shape()),
        of("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
            .names("crd", "crds")
            .cluster()
            .status()
            .generation()
            .shapes(shape("status.conditions[type]"), shape()));
  }

  private static Shape shape(String... paths) {
    List<String> all = new ArrayList<>(Arrays.asList(METADATA));
    all.addAll(Arrays.asList(paths));
    return Shape.ofPaths(all.toArray(String[]::new));
  }

  private static Draft core(String kind, String plural) {
    return of("", "v1", kind, plural);
  }

  private static Draft of(String group, String version, String kind, String plural) {
    return new Draft(group, version, kind, plural);
  }

  private static final class Draft {
    private final String group;
    private final String version;
    private final String kind;
    private final String plural;
    private List<String> shortNames = List.of();
    private boolean namespaced = true;
    private boolean status;
    private boolean generation;
    private boolean upsert;

    private Draft(String group, String version, String kind, String plural) {
      this.group = group;
      this.version = version;
      this.kind = kind;
      this.plural = plural;
    }

    private Draft names(String... names) {
      shortNames = List.of(names);
      return this;
    }

    private Draft cluster() {
      namespaced = false;
      return this;
    }

    private Draft status() {
      status = true;
      return this;
    }

    private Draft generation() {
      generation = true;
      return this;
    }

    private Draft upsert() {
      upsert = true;
      return this;
    }

    private ResourceType shapes(Shape shape) {
      return shapes(shape, shape);
    }

    private ResourceType shapes(Shape shape, Shape strategic) {
      return new ResourceType(
          group,
          version,
          kind,
          plural,
          shortNames,
          namespaced,
          status,
          generation,
          upsert,
          shape,
          Optional.of(strategic),
          Optional.empty());
    }
  }
}
