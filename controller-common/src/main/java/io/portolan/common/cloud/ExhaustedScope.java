package io.portolan.common.cloud;

/** What is used up: decides where else to look. */
public sealed interface ExhaustedScope {
  /** The subnet has no free address. */
  record Subnet(SubnetId subnet) implements ExhaustedScope {}

  /** The subnet has free addresses, but no whole aligned block. */
  record FragmentedSubnet(SubnetId subnet) implements ExhaustedScope {}

  /** The interface's slots are taken: our picture of it was stale. */
  record Interface(InterfaceId interfaceId) implements ExhaustedScope {}

  /** The machine takes no more interfaces or addresses. */
  record Machine(InstanceId instance) implements ExhaustedScope {}

  /** A quota of the account, region or network, by the provider's name. */
  record Quota(String name) implements ExhaustedScope {}
}
