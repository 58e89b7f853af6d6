package io.portolan.policy.cases;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.EndpointSliceRecord;
import io.portolan.common.kube.NamespaceRecord;
import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.policy.agent.ClusterFeeds;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.Decoded;
import io.portolan.policy.calico.StagedPolicies;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Policy;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The kinds of object that can be asked about, each with its decoder. */
final class ObjectKinds {
  static final String DEFAULT_NAMESPACE = "default";

  /** Labelled by the API server, so that policies can name a namespace. */
  static final String NAME_LABEL = "kubernetes.io/metadata.name";

  private static final String CALICO = CalicoKinds.API_VERSION;

  private ObjectKinds() {}

  /** A kind of a version of an API group. */
  private record Kind(String apiVersion, String kind) {
    @Override
    public String toString() {
      return kind + " (" + apiVersion + ")";
    }
  }

  private interface Decoder {
    ClusterObject decode(InputNode object)
        throws MalformedInputException, NotUnderstoodException, IOException;
  }

  private interface PolicyDecoder {
    Policy decode(JsonNode object) throws NotUnderstoodException;
  }

  private static final Map<Kind, Decoder> KNOWN =
      Map.ofEntries(
          entry(new Kind("v1", "Node"), ObjectKinds::node),
          entry(new Kind("v1", "Namespace"), ObjectKinds::namespace),
          entry(new Kind("v1", "Pod"), ObjectKinds::pod),
          entry(new Kind("v1", "ServiceAccount"), calico(CalicoKinds.SERVICE_ACCOUNTS)),
          entry(
              new Kind("v1", "Service"),
              object -> new ClusterObject.Service(ServiceRecord.of(object))),
          entry(new Kind("discovery.k8s.io/v1", "EndpointSlice"), ObjectKinds::endpointSlice),
          entry(new Kind("networking.k8s.io/v1", "NetworkPolicy"), policy(NetworkPolicies::decode)),
          entry(
              new Kind("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
              policy(ClusterNetworkPolicies::decode)),
          entry(new Kind(CALICO, "Tier"), calico(CalicoKinds.own("tiers"))),
          entry(new Kind(CALICO, "NetworkPolicy"), calico(CalicoKinds.own("networkpolicies"))),
          entry(
              new Kind(CALICO, "GlobalNetworkPolicy"),
              calico(CalicoKinds.own("globalnetworkpolicies"))),
          entry(new Kind(CALICO, "NetworkSet"), calico(CalicoKinds.own("networksets"))),
          entry(new Kind(CALICO, "GlobalNetworkSet"), calico(CalicoKinds.own("globalnetworksets"))),
          entry(new Kind(CALICO, "HostEndpoint"), calico(CalicoKinds.own("hostendpoints"))),
          entry(
              new Kind(CALICO, "FelixConfiguration"),
              calico(CalicoKinds.own("felixconfigurations"))),
          entry(new Kind(CALICO, "StagedNetworkPolicy"), staged("StagedNetworkPolicy")),
          entry(new Kind(CALICO, "StagedGlobalNetworkPolicy"), staged("StagedGlobalNetworkPolicy")),
          entry(
              new Kind(CALICO, "StagedKubernetesNetworkPolicy"),
              staged("StagedKubernetesNetworkPolicy")));

  /** Of which nothing follows for policy, whatever they say. */
  private static final Set<String> IGNORED =
      Set.of(
          "ConfigMap",
          "CronJob",
          "DaemonSet",
          "Deployment",
          "HorizontalPodAutoscaler",
          "Ingress",
          "Job",
          "PersistentVolumeClaim",
          "PodDisruptionBudget",
          "ReplicaSet",
          "Role",
          "RoleBinding",
          "ClusterRole",
          "ClusterRoleBinding",
          "Secret",
          "StatefulSet");

  private static final Set<String> CLUSTER_SCOPED =
      Set.of(
          "Node",
          "Namespace",
          "ClusterNetworkPolicy",
          "GlobalNetworkPolicy",
          "GlobalNetworkSet",
          "HostEndpoint",
          "FelixConfiguration",
          "StagedGlobalNetworkPolicy",
          "Tier",
          "ClusterRole",
          "ClusterRoleBinding");

  static boolean isIgnored(String kind) {
    return IGNORED.contains(kind);
  }

  static boolean isClusterScoped(String kind) {
    return CLUSTER_SCOPED.contains(kind);
  }

  /**
   * @param object with {@code metadata.namespace} where its kind has one
   * @throws MalformedInputException if the kind is not known or a field is not what it should be
   */
  static ClusterObject decode(String apiVersion, String kind, InputNode object)
      throws MalformedInputException {
    Decoder decoder = KNOWN.get(new Kind(apiVersion, kind));
    if (decoder == null) {
      throw new MalformedInputException(
          "kind " + new Kind(apiVersion, kind) + " is not known; there are: " + known());
    }
    object.get("metadata").get("labels").optionalTexts();
    object.get("metadata").get("uid").optionalText();
    try {
      return decoder.decode(object);
    } catch (NotUnderstoodException | IOException e) {
      throw new MalformedInputException(String.valueOf(e.getMessage()));
    }
  }

  private static String known() {
    TreeSet<String> texts = new TreeSet<>();
    KNOWN.keySet().forEach(kind -> texts.add(kind.toString()));
    return String.join(", ", texts);
  }

  private static Decoder policy(PolicyDecoder decoder) {
    return object -> {
      Policy policy = decoder.decode(object.node());
      return new ClusterObject.Fact(
          new ClusterChange.PolicySeen(policy),
          new ClusterChange.PolicyGone(policy.id()),
          policy.id().namespace(),
          policy.problems());
    };
  }

  private static Decoder staged(String name) {
    StagedPolicies.Kind kind =
        StagedPolicies.KINDS.stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
    return object -> {
      Decoded decoded = StagedPolicies.read(kind, object.node());
      if (decoded.change().isEmpty() && !decoded.problems().isEmpty()) {
        throw new NotUnderstoodException(decoded.problems().getFirst());
      }
      String namespace = object.get("metadata").get("namespace").optionalText().orElse("");
      return decoded
          .change()
          .<ClusterObject>map(
              change -> new ClusterObject.Staged(change, namespace, decoded.problems()))
          .orElseGet(ClusterObject.Bystander::new);
    };
  }

  private static Decoder calico(CalicoKinds.Kind kind) {
    return object -> {
      Decoded decoded = kind.seen().apply(object.node());
      InputNode metadata = object.get("metadata");
      String namespace = metadata.get("namespace").optionalText().orElse("");
      ClusterChange gone = kind.gone().apply(new ObjectKey(namespace, metadata.get("name").text()));
      return decoded
          .change()
          .<ClusterObject>map(
              seen -> new ClusterObject.Fact(seen, gone, namespace, decoded.problems()))
          .orElseGet(ClusterObject.Bystander::new);
    };
  }

  private static ClusterObject node(InputNode object) throws MalformedInputException, IOException {
    for (InputNode address : object.get("status").get("addresses").items()) {
      // Of the other types some are host names.
      if (address.get("type").text().equals("InternalIP")) {
        address.get("address").address();
      } else {
        address.get("address").optionalText();
      }
    }
    return new ClusterObject.Node(NodeAddressesRecord.decoder().decodeTree(object.node()));
  }

  /** A node as policies name it, by labels. */
  static ClusterObject.Fact fact(NodeAddressesRecord node) {
    return new ClusterObject.Fact(
        new ClusterChange.NodeSeen(node.name(), node.labels(), node.addresses()),
        new ClusterChange.NodeGone(node.name()),
        "",
        List.of());
  }

  private static ClusterObject endpointSlice(InputNode object)
      throws MalformedInputException, IOException {
    for (InputNode endpoint : object.get("endpoints").items()) {
      for (InputNode address : endpoint.get("addresses").items()) {
        // Of addressType FQDN they are names.
        address.text();
      }
    }
    for (InputNode port : object.get("ports").items()) {
      port.get("port").optionalNumber(1, 65_535);
      InputNode protocol = port.get("protocol");
      if (!Set.of("TCP", "UDP", "SCTP").contains(protocol.optionalText().orElse("TCP"))) {
        throw protocol.problem(protocol.node() + " is none of TCP, UDP, SCTP");
      }
    }
    RecordDecoder<EndpointSliceRecord> decoder = EndpointSliceRecord.decoder();
    return ClusterFeeds.endpointSlice(decoder.decodeTree(object.node()))
        .<ClusterObject>map(ObjectKinds::fact)
        .orElseGet(ClusterObject.Bystander::new);
  }

  static ClusterObject.Fact fact(EndpointSlice slice) {
    String namespace = slice.service().namespace();
    return new ClusterObject.Fact(
        new ClusterChange.EndpointSliceSeen(slice),
        new ClusterChange.EndpointSliceGone(namespace, slice.name()),
        namespace,
        List.of());
  }

  private static ClusterObject namespace(InputNode object) throws IOException {
    RecordDecoder<NamespaceRecord> decoder = NamespaceRecord.decoder(Set.of());
    NamespaceRecord namespace = decoder.decodeTree(object.node());
    return namespace(namespace.name(), namespace.labels());
  }

  static ClusterObject.Fact namespace(String name, Map<String, String> labels) {
    Map<String, String> all = new HashMap<>(labels);
    all.put(NAME_LABEL, name);
    return new ClusterObject.Fact(
        new ClusterChange.NamespaceSeen(name, all),
        new ClusterChange.NamespaceGone(name),
        name,
        List.of());
  }

  private static ClusterObject pod(InputNode object) throws MalformedInputException, IOException {
    InputNode spec = object.get("spec");
    spec.get("nodeName").optionalText();
    spec.get("hostNetwork").optionalFlag();
    spec.get("serviceAccountName").optionalText();
    for (String containers : List.of("containers", "initContainers")) {
      for (InputNode container : spec.get(containers).items()) {
        for (InputNode port : container.get("ports").items()) {
          port(port);
        }
      }
    }
    InputNode status = object.get("status");
    InputNode phase = status.get("phase");
    if (!Set.of("", "Pending", "Running", "Succeeded", "Failed", "Unknown")
        .contains(phase.optionalText().orElse(""))) {
      throw phase.problem(
          phase.node() + " is none of Pending, Running, Succeeded, Failed, Unknown");
    }
    if (!status.get("podIP").optionalText().orElse("").isEmpty()) {
      status.get("podIP").address();
    }
    for (InputNode ip : status.get("podIPs").items()) {
      ip.get("ip").address();
    }
    return new ClusterObject.Pod(PodRecord.decoder(Set.of()).decodeTree(object.node()));
  }

  private static void port(InputNode port) throws MalformedInputException {
    port.get("name").optionalText();
    InputNode number = port.get("containerPort");
    if (number.optionalNumber(1, 65_535).isEmpty()) {
      throw number.problem("is missing");
    }
    InputNode protocol = port.get("protocol");
    if (!Set.of("TCP", "UDP", "SCTP").contains(protocol.optionalText().orElse("TCP"))) {
      throw protocol.problem(protocol.node() + " is none of TCP, UDP, SCTP");
    }
  }
}
