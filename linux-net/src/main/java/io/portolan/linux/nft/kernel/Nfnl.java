package io.portolan.linux.nft.kernel;

/** Numbers of linux/netfilter/nfnetlink.h and nf_tables.h. */
final class Nfnl {
  // Message types: the subsystem in the upper byte.
  static final int BATCH_BEGIN = 0x10;
  static final int BATCH_END = 0x11;
  static final int SUBSYSTEM = 10;
  static final int NEW_TABLE = type(0);
  static final int GET_TABLE = type(1);
  static final int DEL_TABLE = type(2);
  static final int NEW_CHAIN = type(3);
  static final int GET_CHAIN = type(4);
  static final int DEL_CHAIN = type(5);
  static final int NEW_RULE = type(6);
  static final int GET_RULE = type(7);
  static final int DEL_RULE = type(8);
  static final int NEW_SET = type(9);
  static final int GET_SET = type(10);
  static final int DEL_SET = type(11);
  static final int NEW_SET_ELEM = type(12);
  static final int GET_SET_ELEM = type(13);
  static final int DEL_SET_ELEM = type(14);
  static final int NEW_GEN = type(15);
  static final int GET_GEN = type(16);
  static final int NEW_OBJ = type(18);
  static final int GET_OBJ = type(19);
  static final int DEL_OBJ = type(20);
  static final int GET_OBJ_RESET = type(21);

  /** Bytes of struct nfgenmsg: family, version, resource id (big endian). */
  static final int HEADER_BYTES = 4;

  static final int BATCH_GENID = 1;

  static final int LIST_ELEM = 1;

  static final int TABLE_NAME = 1;
  static final int TABLE_USERDATA = 6;

  static final int CHAIN_TABLE = 1;
  static final int CHAIN_NAME = 3;
  static final int CHAIN_HOOK = 4;
  static final int CHAIN_POLICY = 5;
  static final int CHAIN_TYPE = 7;
  static final int CHAIN_USERDATA = 12;
  static final int HOOK_NUMBER = 1;
  static final int HOOK_PRIORITY = 2;

  static final int RULE_TABLE = 1;
  static final int RULE_CHAIN = 2;
  static final int RULE_HANDLE = 3;
  static final int RULE_EXPRESSIONS = 4;
  static final int RULE_POSITION = 6;
  static final int RULE_USERDATA = 7;

  static final int SET_TABLE = 1;
  static final int SET_NAME = 2;
  static final int SET_FLAGS = 3;
  static final int SET_KEY_TYPE = 4;
  static final int SET_KEY_LEN = 5;
  static final int SET_DATA_TYPE = 6;
  static final int SET_DATA_LEN = 7;
  static final int SET_DESC = 9;
  static final int SET_ID = 10;
  static final int SET_TIMEOUT = 11;
  static final int SET_USERDATA = 13;
  static final int SET_EXPR = 17;
  static final int SET_DESC_CONCAT = 2;
  static final int SET_FIELD_LEN = 1;
  static final int SET_F_ANONYMOUS = 0x1;
  static final int SET_F_CONSTANT = 0x2;
  static final int SET_F_INTERVAL = 0x4;
  static final int SET_F_MAP = 0x8;
  static final int SET_F_TIMEOUT = 0x10;
  static final int SET_F_CONCAT = 0x80;
  static final int DATA_TYPE_VERDICT = 0xffffff00;

  static final int ELEM_LIST_TABLE = 1;
  static final int ELEM_LIST_SET = 2;
  static final int ELEM_LIST_ELEMENTS = 3;
  static final int ELEM_KEY = 1;
  static final int ELEM_DATA = 2;
  static final int ELEM_FLAGS = 3;
  static final int ELEM_TIMEOUT = 4;
  static final int ELEM_EXPIRATION = 5;
  static final int ELEM_USERDATA = 6;
  static final int ELEM_EXPR = 7;
  static final int ELEM_KEY_END = 10;
  static final int ELEM_EXPRESSIONS = 11;
  static final int ELEM_F_INTERVAL_END = 1;

  static final int DATA_VALUE = 1;
  static final int DATA_VERDICT = 2;
  static final int VERDICT_CODE = 1;
  static final int VERDICT_CHAIN = 2;

  static final int EXPR_NAME = 1;
  static final int EXPR_DATA = 2;

  static final int OBJ_TABLE = 1;
  static final int OBJ_NAME = 2;
  static final int OBJ_TYPE = 3;
  static final int OBJ_DATA = 4;
  static final int OBJ_USERDATA = 8;
  static final int OBJ_COUNTER = 1;

  static final int GEN_ID = 1;

  private Nfnl() {}

  private static int type(int message) {
    return SUBSYSTEM << 8 | message;
  }
}
