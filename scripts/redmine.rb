# Accounts and projects of a Redmine for tests; prints their keys as JSON. See redmine.ts. The connector's own part is
# done by its setup.rb, as an administrator would, and twice, because it must not mind.
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
field = IssueCustomField.create!(name: 'Ward', field_format: 'string', is_filter: true, visible: true)
field.update!(trackers: Tracker.all, projects: projects)

# As where anybody with an account may write: whoever is not staff must not reach the person on WhatsApp.
open = Project.create!(name: 'Open', identifier: 'open', is_public: true, trackers: Tracker.all,
                       enabled_module_names: %w[issue_tracking])
ARGV.replace(%w[open whatsapp-contacts])
load given['setup']
Member.create!(project: open, principal: agent, roles: [staff])

keys = [['deskferry', User.find_by_login('deskferry')], ['boss', admin], ['agent', agent], ['outsider', outsider]]
puts JSON.generate(keys.to_h { |name, user| [name, { id: user.id.to_s, key: user.api_key }] })
