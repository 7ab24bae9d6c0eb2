# Looks up the article that carries our id.
package Kernel::GenericInterface::Operation::Deskferry::MessageFind;

use strict;
use warnings;

use parent 'Kernel::GenericInterface::Operation::Deskferry::Common';

our $ObjectManagerDisabled = 1;

sub Perform {
    my ( $Self, $DeskferryObject, $Data, $UserID ) = @_;
    return if !length( $Data->{ExternalID} // '' );
    my $Message = $DeskferryObject->MessageFind( ExternalID => $Data->{ExternalID} );
    return $Message ? { Message => $Message } : { Message => undef };
}

1;
