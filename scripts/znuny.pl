# Makes a Znuny for tests of an empty database: our add-on, web service, queues and accounts. See znuny.ts.
use strict;
use warnings;
use JSON;
my %given;
BEGIN { %given = %{ JSON->new->utf8->decode( $ARGV[0] ) } }
use lib $given{home};
use Kernel::System::ObjectManager;
local $Kernel::OM = Kernel::System::ObjectManager->new( 'Kernel::System::Log' => { LogPrefix => 'tests' } );

sub done {
    my ( $what, $ok ) = @_;
    die "$what failed\n" unless $ok;
    return $ok;
}

sub text_of {
    my ($file) = @_;
    open my $handle, '<:encoding(UTF-8)', $file or die "$file: $!\n";
    local $/ = undef;
    return <$handle>;
}

done( 'configuration', $Kernel::OM->Get('Kernel::System::SysConfig')->ConfigurationXML2DB( UserID => 1, Force => 1, CleanUp => 1 ) );
done( 'deployment', $Kernel::OM->Get('Kernel::System::SysConfig')
        ->ConfigurationDeploy( Comments => 'tests', AllSettings => 1, UserID => 1, Force => 1 ) );

# As the administrator does: build the add-on and install it.
my $packages  = $Kernel::OM->Get('Kernel::System::Package');
my %structure = $packages->PackageParse( String => text_of("$given{connector}/package/Deskferry.sopm") );
my $package   = done( 'build', $packages->PackageBuild( %structure, Home => "$given{connector}/package" ) );
done( 'installation of the add-on', $packages->PackageInstall( String => $package ) );
done( 'again, because it must not mind', $packages->PackageReinstall( String => $package ) );

my $groups = $Kernel::OM->Get('Kernel::System::Group');
my %ids    = reverse $groups->GroupList();
my $users  = $Kernel::OM->Get('Kernel::System::User');
for my $name ( $given{connector_name}, $given{agent_name} ) {
    my $id = done( "user $name", $users->UserAdd(
        UserFirstname => ucfirst $name, UserLastname => 'Tester', UserLogin => $name, UserPw => $given{password},
        UserEmail => "$name\@znuny.test", ValidID => 1, ChangeUserID => 1,
    ) );
    for my $group ( 'users', $name eq $given{connector_name} ? 'deskferry' : 'admin' ) {
        done( "group $group", $groups->PermissionGroupUserAdd(
            GID => $ids{$group}, UID => $id, Permission => { rw => 1 }, UserID => 1 ) );
    }
}
for my $name ( @{ $given{queues} } ) {
    done( "queue $name", $Kernel::OM->Get('Kernel::System::Queue')->QueueAdd(
        Name => $name, ValidID => 1, GroupID => $ids{users}, SystemAddressID => 1, SalutationID => 1, SignatureID => 1,
        UserID => 1,
    ) );
}
my $config = done( 'web service', $Kernel::OM->Get('Kernel::System::YAML')->Load( Data => text_of("$given{connector}/webservice.yml") ) );
done( 'import', $Kernel::OM->Get('Kernel::System::GenericInterface::Webservice')->WebserviceAdd(
    Name => 'Deskferry', Config => $config, ValidID => 1, UserID => 1 ) );
