package io.portolan.node.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns environment and standard input of one invocation into a request, or says what is wrong with
 * them in the specification's codes: 4 for variables, 6 for text that is not JSON, 1 for versions,
 * 7 for a configuration of the wrong shape, 2 for settings this plugin does not have.
 */
final class CniRequestReader {
  /** The smallest MTU that IPv6 works with (RFC 8200, section 5), and the largest IP has. */
  private static final int MIN_MTU = 1280;

  private static final int MAX_MTU = 65535;

  private CniRequestReader() {}

  /** Outcome of reading. */
  sealed interface Reading {}

  /** A request to carry out. */
  record Valid(CniRequest request) implements Reading {}

  /** VERSION, with the version of the configuration. */
  record VersionAsked(String version) implements Reading {}

  /**
   * @param version the configuration's version as far as known, for the error's text
   */
  record Invalid(String version, CniError error) implements Reading {}

  /** Carries an error out of nested readers; never leaves this class. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    private final transient CniError error;

    Refusal(CniErrorCode code, String message) {
      super(message);
      error = new CniError(code, message);
    }
  }

  static Reading read(Map<String, String> environment, String input) {
    String version = CniVersion.newest().toString();
    try {
      String command = environment.getOrDefault("CNI_COMMAND", "");
      if (!CniRequest.COMMANDS.contains(command)) {
        throw new Refusal(
            CniErrorCode.INVALID_ENVIRONMENT,
            "CNI_COMMAND must be one of "
                + String.join(", ", CniRequest.COMMANDS)
                + ", not '"
                + command
                + "'");
      }
      if (command.equals("VERSION")) {
        return new VersionAsked(versionOfVersionRequest(input, version));
      }
      ObjectNode config = config(input);
      version = text(config, "cniVersion").orElse("0.1.0");
      return new Valid(request(command, environment, config, version(command, version)));
    } catch (Refusal refusal) {
      return new Invalid(version, refusal.error);
    }
  }

  private static CniRequest request(
      String command, Map<String, String> environment, ObjectNode config, CniVersion version)
      throws Refusal {
    String network = network(config);
    return switch (command) {
      case "ADD" -> {
        refuseUnsupported(config);
        AttachmentId id = attachment(environment, network);
        yield new CniRequest.Add(
            version,
            id,
            variable(environment, "CNI_NETNS"),
            pod(environment, id),
            mtu(config),
            dns(config),
            object(config, "prevResult"));
      }
      case "DEL" ->
          new CniRequest.Del(
              version,
              attachment(environment, network),
              Optional.ofNullable(environment.get("CNI_NETNS")).filter(path -> !path.isEmpty()));
      case "CHECK" ->
          new CniRequest.Check(
              version,
              attachment(environment, network),
              variable(environment, "CNI_NETNS"),
              expected(config));
      case "GC" -> new CniRequest.Gc(version, network, validAttachments(config));
      case "STATUS" -> new CniRequest.Status(version, network);
      default -> throw new IllegalStateException("unreachable: command " + command);
    };
  }

  private static ObjectNode config(String input) throws Refusal {
    try {
      if (CniJson.read(input) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw new Refusal(
          CniErrorCode.DECODING_FAILURE,
          "the network configuration is not JSON: " + firstLine(String.valueOf(e.getMessage())));
    }
    throw new Refusal(
        CniErrorCode.DECODING_FAILURE, "the network configuration must be a JSON object");
  }

  /** VERSION must always be answered; input that cannot be read asks for nothing in particular. */
  private static String versionOfVersionRequest(String input, String fallback) {
    try {
      return CniJson.read(input).path("cniVersion").asText(fallback);
    } catch (IOException e) {
      return fallback;
    }
  }

  private static CniVersion version(String command, String text) throws Refusal {
    CniVersion version =
        CniVersion.of(text)
            .orElseThrow(() ->
                new Refusal(
                    CniErrorCode.INCOMPATIBLE_VERSION,
                    "cniVersion "
                        + text
                        + " is not supported; supported are "
                        + String.join(", ", CniVersion.supported())));
    CniVersion since =
        switch (command) {
          case "CHECK" -> CniVersion.V0_4_0;
          case "GC", "STATUS" -> CniVersion.V1_1_0;
          default -> CniVersion.V0_3_0;
        };
    if (!version.isAtLeast(since)) {
      throw new Refusal(
          CniErrorCode.INCOMPATIBLE_VERSION,
          command + " exists since version " + since + ", the configuration has " + version);
    }
    return version;
  }

  private static String network(ObjectNode config) throws Refusal {
    String name = text(config, "name").orElse("");
    if (!AttachmentId.isName(name)) {
      throw new Refusal(
          CniErrorCode.INVALID_CONFIG,
          name.isEmpty() ? "name is missing" : "name '" + name + "' is not a CNI network name");
    }
    return name;
  }

  private static AttachmentId attachment(Map<String, String> environment, String network)
      throws Refusal {
    String container = variable(environment, "CNI_CONTAINERID");
    if (!AttachmentId.isName(container)) {
      throw new Refusal(
          CniErrorCode.INVALID_ENVIRONMENT,
          "CNI_CONTAINERID '"
              + container
              + "' must start with a letter or digit, go on with those or _ . - and have at most "
              + AttachmentId.MAX_NAME_LENGTH
              + " characters");
    }
    String ifName = variable(environment, "CNI_IFNAME");
    if (!AttachmentId.isInterfaceName(ifName)) {
      throw new Refusal(
          CniErrorCode.INVALID_ENVIRONMENT,
          "CNI_IFNAME '" + ifName + "' is not an interface name of 1 to 15 characters");
    }
    return new AttachmentId(network, container, ifName);
  }

  private static String variable(Map<String, String> environment, String name) throws Refusal {
    String value = environment.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new Refusal(CniErrorCode.INVALID_ENVIRONMENT, name + " is not set");
    }
    return value;
  }

  private static Optional<PodIdentity> pod(Map<String, String> environment, AttachmentId id)
      throws Refusal {
    Map<String, String> args = new LinkedHashMap<>();
    String text = environment.getOrDefault("CNI_ARGS", "");
    for (String pair : text.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        args.put(pair.substring(0, equals), pair.substring(equals + 1));
      } else if (!pair.isEmpty()) {
        throw new Refusal(
            CniErrorCode.INVALID_ENVIRONMENT,
            "CNI_ARGS must be KEY=VALUE pairs joined by semicolons, not '" + pair + "'");
      }
    }
    String namespace = args.getOrDefault("K8S_POD_NAMESPACE", "");
    String name = args.getOrDefault("K8S_POD_NAME", "");
    if (namespace.isEmpty() != name.isEmpty()) {
      throw new Refusal(
          CniErrorCode.INVALID_ENVIRONMENT,
          "CNI_ARGS must have both K8S_POD_NAMESPACE and K8S_POD_NAME, or neither");
    }
    if (name.isEmpty()) {
      return Optional.empty();
    }
    String uid = args.getOrDefault("K8S_POD_UID", "");
    return Optional.of(new PodIdentity(namespace, name, uid.isEmpty() ? id.containerId() : uid));
  }

  /** Settings that ask for what this plugin would silently not do. */
  private static void refuseUnsupported(ObjectNode config) throws Refusal {
    if (config.path("ipMasq").asBoolean()) {
      throw new Refusal(
          CniErrorCode.UNSUPPORTED_FIELD,
          "ipMasq: true is not supported; the NetworkProfile's natOutgoing decides");
    }
    JsonNode ipam = config.path("ipam").path("type");
    if (!ipam.isMissingNode()) {
      throw new Refusal(
          CniErrorCode.UNSUPPORTED_FIELD,
          "ipam.type: " + ipam + " is not supported; addresses come from the node's own pool");
    }
    for (String capability : new String[] {"ips", "mac", "ipRanges"}) {
      JsonNode value = config.path("runtimeConfig").path(capability);
      if (!value.isMissingNode()
          && !value.isNull()
          && !(value.isContainerNode() && value.isEmpty())) {
        throw new Refusal(
            CniErrorCode.UNSUPPORTED_FIELD,
            "runtimeConfig." + capability + ": " + value + " is not supported");
      }
    }
  }

  private static OptionalInt mtu(ObjectNode config) throws Refusal {
    JsonNode value = config.get("mtu");
    if (value == null || value.isNull() || (value.isInt() && value.intValue() == 0)) {
      return OptionalInt.empty();
    }
    if (!value.isInt() || value.intValue() < MIN_MTU || value.intValue() > MAX_MTU) {
      throw new Refusal(
          CniErrorCode.INVALID_CONFIG,
          "mtu must be an integer from " + MIN_MTU + " to " + MAX_MTU + ", not " + value);
    }
    return OptionalInt.of(value.intValue());
  }

  private static Optional<JsonNode> dns(ObjectNode config) throws Refusal {
    Optional<ObjectNode> dns = object(config, "dns");
    if (dns.isPresent()) {
      for (String key : new String[] {"nameservers", "search", "options"}) {
        JsonNode list = dns.get().get(key);
        if (list != null && !list.isNull()) {
          boolean strings = list.isArray();
          for (JsonNode element : list) {
            strings &= element.isTextual();
          }
          if (!strings) {
            throw new Refusal(
                CniErrorCode.INVALID_CONFIG, "dns." + key + " must be a list of strings");
          }
        }
      }
    }
    return dns.filter(d -> !d.isEmpty()).map(JsonNode.class::cast);
  }

  private static CniResult expected(ObjectNode config) throws Refusal {
    Optional<ObjectNode> previous = object(config, "prevResult");
    if (previous.isEmpty()) {
      throw new Refusal(CniErrorCode.INVALID_CONFIG, "CHECK needs prevResult");
    }
    try {
      return CniResultReader.read(previous.get());
    } catch (IllegalArgumentException e) {
      throw new Refusal(CniErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
    }
  }

  private static Set<CniRequest.ContainerInterface> validAttachments(ObjectNode config)
      throws Refusal {
    String key = "cni.dev/valid-attachments";
    JsonNode list = config.get(key);
    // Null is how a runtime written in Go says "none"; a missing key says nothing at all, and
    // taking
    // that for "none" would delete every attachment.
    if (list == null || !(list.isArray() || list.isNull())) {
      throw new Refusal(CniErrorCode.INVALID_CONFIG, "GC needs the list " + key);
    }
    Set<CniRequest.ContainerInterface> valid = new TreeSet<>();
    for (JsonNode each : list) {
      JsonNode container = each.path("containerID");
      JsonNode ifName = each.path("ifname");
      if (!container.isTextual() || !ifName.isTextual()) {
        throw new Refusal(
            CniErrorCode.INVALID_CONFIG,
            key + " must hold objects with the strings containerID and ifname, not " + each);
      }
      valid.add(new CniRequest.ContainerInterface(container.textValue(), ifName.textValue()));
    }
    return valid;
  }

  private static Optional<String> text(ObjectNode config, String key) throws Refusal {
    JsonNode value = config.get(key);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new Refusal(CniErrorCode.INVALID_CONFIG, key + " must be a string, not " + value);
    }
    return Optional.of(value.textValue());
  }

  private static Optional<ObjectNode> object(ObjectNode config, String key) throws Refusal {
    JsonNode value = config.get(key);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (value instanceof ObjectNode object) {
      return Optional.of(object);
    }
    throw new Refusal(CniErrorCode.INVALID_CONFIG, key + " must be an object, not " + value);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
