# Accounts and projects of a Redmine for tests; prints their keys as JSON. See redmine.ts. The connector's own part is
# done by its setup.rb, as an administrator would, and twice, because it must not mind.
# Mail about new administrators, in a thread of its own, would hold SQLite's lock.
ActiveJob::Base.queue_adapter = :inline
given = JSON.parse(ARGV.first)
ARGV.replace(%w[whatsapp whatsapp-contacts])
2.times { load given['setup'] }
ARGV.replace(%w[elsewhere whatsapp-contacts])
load given['setup']

def account(login, admin: false)
  user = User.new(firstname: login.capitalize, lastname: 'Test', mail: "#{login}@redmine.test", language: 'en', admin: admin)
  user.login = login
  user.random_password
  user.save!
  user
end

admin = account('boss', admin: true)
agent = account('agent')
outsider = account('outsider')
staff = Role.find_by!(name: 'Manager')
projects = Project.where(identifier: %w[whatsapp elsewhere whatsapp-contacts]).to_a
projects.each { |project| Member.create!(project: project, principal: agent, roles: [staff]) }
IssueCategory.create!(project: Project.find('whatsapp'), name: 'Street lights')
{ 'Ward' => true, 'Note' => false }.each do |name, is_filter|
  IssueCustomField.create!(name: name, field_format: 'string', is_filter: is_filter, visible: true,
                           trackers: Tracker.all, projects: projects)
end
reader = account('reader')
projects.each { |project| Member.create!(project: project, principal: reader, roles: [Role.find_by!(name: 'Reporter')]) }
# Without our fields.
bare = Project.create!(name: 'bare', identifier: 'bare', is_public: false, trackers: Tracker.all,
                       enabled_module_names: %w[issue_tracking])
Member.create!(project: bare, principal: User.find_by_login('deskferry'), roles: [Role.find_by!(name: 'Deskferry')])
Member.create!(project: bare, principal: agent, roles: [staff])

# As where anybody with an account may write: whoever is not staff must not reach the person on WhatsApp.
open = Project.create!(name: 'Open', identifier: 'open', is_public: true, trackers: Tracker.all,
                       enabled_module_names: %w[issue_tracking])
ARGV.replace(%w[open whatsapp-contacts])
load given['setup']
Member.create!(project: open, principal: agent, roles: [staff])

keys = [['deskferry', User.find_by_login('deskferry')], ['boss', admin], ['agent', agent],
        ['outsider', outsider], ['reader', reader]]
puts JSON.generate(keys.to_h { |name, user| [name, { id: user.id.to_s, key: user.api_key }] })
