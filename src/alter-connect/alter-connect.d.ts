/** One connected account, in the vault's own words. */
export interface Grant {
  grant_id: string;
  provider: string;
  provider_name: string;
  /** What a person knows the account by, such as its e-mail address. */
  account_identifier: string;
  /** ISO 8601, UTC. */
  timestamp: string;
  operation: "creation" | "reauth";
  scopes: string[];
  /** `pending` waits for the app's backend to complete it. */
  status: "active" | "pending" | "error" | (string & {});
  metadata?: { account_display_name?: string; account_email?: string; completion_code?: string; [key: string]: unknown };
  [member: string]: unknown;
}

/** All grants of one session. It answers for its first grant too, for code that expects a single connection. */
export interface Grants extends Array<Grant> {
  readonly provider: string | undefined;
  readonly accountIdentifier: string | undefined;
}

export interface AlterError {
  /** `popup_blocked`, `session_failed`, `invalid_session`, `redirect_error`, `invalid_response`, or a code of the vault, such as `access_denied`. */
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

/** How the person gets to Connect: in a window of its own, or by leaving this page. */
export type Mode = "popup" | "redirect";

/** A session token, or the answer of the vault that holds one. */
export type Session = string | { session_token: string; connect_url?: string } | { sessionToken: string; connectUrl?: string };

export interface AlterConnectConfig {
  /** Writes events to the console; never a token. */
  debug?: boolean;
  /** The vault's address. Not needed where the script came from the vault, or where the session's answer holds `connect_url`. */
  baseURL?: string;
}

/** What is known for certain in this window. What happens on the provider's pages is not. */
export interface ConnectEvents {
  /** The person is on the way to Connect. */
  connect_opened: { timestamp: string; mode: Mode };
  completed: { timestamp: string; providers: string[] };
  failed: { timestamp: string; code: string };
  /** Nothing was connected: the window was closed, or the person came back. */
  exit: { timestamp: string };
}

export type OnEvent = <Name extends keyof ConnectEvents>(name: Name, metadata: ConnectEvents[Name]) => void;

export interface OpenOptions {
  /** A promise or a function is fine: the window opens at once, inside the click, and goes to Connect when the token is there. */
  token: Session | Promise<Session> | ((how: { mode: Mode }) => Session | Promise<Session>);
  onSuccess: (grants: Grants) => void;
  onError?: (error: AlterError) => void;
  onExit?: () => void;
  onEvent?: OnEvent;
  baseURL?: string;
  /** Left out: `redirect` on phones and upright tablets, otherwise `popup`. */
  mode?: Mode;
}

/** What the person chose or connected, for the repeated call. Empty where the call is simply made again. */
export interface Choice {
  account?: string;
  grantId?: string;
  /** After Connect alone. */
  grants?: Grants;
}

/** Members of the problem that matter here; the rest is there too. */
export interface Problem {
  code: string;
  action: "connect" | "choose_account" | (string & {});
  provider?: string;
  account_identifiers?: string[];
  grants?: { grant_id: string; account_identifier: string; account_display_name?: string }[];
  [member: string]: unknown;
}

export interface ResolveOptions {
  /** Asked for a session when an account has to be connected. Without it such an answer comes back as it is. */
  session?: Session | Promise<Session> | ((need: { mode: Mode; provider?: string; problem: Problem }) => Session | Promise<Session>);
  /** Repeats the call. Left out: the first argument where that is a function, otherwise a GET of the same address with `account` and `grant_id` in its query. */
  retry?: (choice: Choice) => Response | Promise<Response>;
  baseURL?: string;
  onEvent?: OnEvent;
  /** The dialogs' words, for other languages. */
  text?: Partial<{
    choose: string;
    chooseWhy: string;
    connect: string;
    connectWhy: (provider?: string) => string;
    reconnect: string;
    reconnectWhy: (provider?: string) => string;
    cancel: string;
  }>;
}

export declare class AlterConnect {
  constructor(config?: AlterConnectConfig);
  static create(config?: AlterConnectConfig): AlterConnect;

  /**
   * Looks at an answer of the app's backend. A problem whose `action` is `choose_account` or `connect` is put to the person, and the call is repeated;
   * any other answer is returned as it is, and so is the refusal where the person cancels.
   * @throws an Error with `code` where Connect failed.
   */
  static resolve(response: Response | Promise<Response> | ((choice: Choice) => Response | Promise<Response>), options?: ResolveOptions): Promise<Response>;

  /** Opens Connect; to be called inside a click. Fulfilled when Connect is on its way, rejected where the options are wrong. Does nothing while a window is open. */
  open(options: OpenOptions): Promise<void>;
  /** Closes the window without a result. */
  close(): void;
  /** Ends everything; the instance cannot be used again. */
  destroy(): void;
  isOpen(): boolean;
  getVersion(): string;

  /** @returns a function that takes the listener away again. A redirect's result waits for the first listener. */
  on(event: "success", listener: (grants: Grants) => void): () => void;
  on(event: "error", listener: (error: AlterError) => void): () => void;
  on(event: "exit" | "close", listener: () => void): () => void;
  on(event: "event", listener: OnEvent): () => void;
  off(event: "success" | "error" | "exit" | "close" | "event", listener: (...values: never[]) => void): void;
}

export default AlterConnect;
