# Doorkeeper on Rails, in one file: a client, the token endpoint, and a resource that echoes. It prints its port.
# The packages of Debian: ruby-doorkeeper ruby-rails ruby-sqlite3 puma

require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "doorkeeper"
require "puma"
require "puma/server"

class App < Rails::Application
  config.eager_load = false
  config.hosts.clear
  config.secret_key_base = "of no use here: there are no sessions"
  config.logger = Logger.new(IO::NULL)
  config.log_level = :fatal
  config.consider_all_requests_local = false
end

# In memory, so that it is gone with the process; one connection, as each would have a database of its own.
ENV["DATABASE_URL"] = "sqlite3::memory:?pool=1"

Doorkeeper.configure do
  orm :active_record
  grant_flows %w[client_credentials]
  access_token_expires_in Integer(ENV.fetch("TOKEN_SECONDS"))
  optional_scopes "read", "write"
  allow_token_introspection true
end

App.initialize!

ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table :oauth_applications do |t|
    t.string :name, null: false
    t.string :uid, null: false, index: { unique: true }
    t.string :secret, null: false
    t.text :redirect_uri
    t.string :scopes, null: false, default: ""
    t.boolean :confidential, null: false, default: true
    t.timestamps
  end
  create_table :oauth_access_tokens do |t|
    t.references :resource_owner
    t.references :application, null: false
    t.string :token, null: false, index: { unique: true }
    t.string :refresh_token, index: { unique: true }
    t.integer :expires_in
    t.datetime :revoked_at
    t.datetime :created_at, null: false
    t.string :scopes
  end
end

Doorkeeper::Application.create!(name: "interop", uid: ENV.fetch("CLIENT_ID"), secret: ENV.fetch("CLIENT_SECRET"), scopes: "read write")
# The thread that serves needs the only connection.
ActiveRecord::Base.clear_active_connections!

class EchoController < ActionController::API
  before_action :doorkeeper_authorize!

  def create
    render body: request.raw_post, content_type: "text/plain"
  end
end

# The paths of the description, so that `baseUrl` works too.
App.routes.draw do
  use_doorkeeper(scope: "oauth2") { skip_controllers :applications, :authorized_applications, :authorizations }
  post "echo", to: "echo#create"
end

# More threads than connections of the database, as Puma's wait for the next request on a connection before they look at others.
server = Puma::Server.new(App, Puma::Events.null, max_threads: 8, max_fast_inline: 0)
port = server.add_tcp_listener("127.0.0.1", 0).addr[1]
$stdout.puts port
$stdout.flush
# It ends with whoever started it.
Thread.new { $stdin.read; exit! }
server.run.join
